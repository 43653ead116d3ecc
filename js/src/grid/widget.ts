// HeadGrid: traits -> props of the grid view, and its events -> traits.
import { widget } from "../host/frame.ts";
import { keepPageUnit } from "../host/page_unit.ts";
import type { Scale } from "../kit/names.ts";
import { motifsOf } from "../motifs/widget.ts";
import { firstTokenNotice, settled, traceProps, traceTie } from "../pattern/widget.ts";
import { decodeAtlas } from "../pattern/wire.ts";
import type { HeadGridProps } from "./props.ts";
import type { HeadGridTraits } from "./traits.ts";
import { headGridView } from "./view.ts";

const ALL_SCALES: Scale[] = ["linear", "log", "exclude_first"];

export default widget<HeadGridTraits, HeadGridProps, void>({
  tie: (state) => traceTie(state),
  keep: keepPageUnit,
  open(at) {
    const { state } = at;
    const shared = traceProps(at);
    const plain = at.pick(["scales", "cell_size", "layers", "motif", "sort_by", "min_score"]);
    const motifs = motifsOf(at);
    const atlas = at.read("thumbnails", ["atlas"], (wire) => {
      const { id, tokens } = state.get("trace_info");
      if (!wire?.data) return undefined;
      return decodeAtlas(wire, wire.trace_id === id ? tokens.length : undefined);
    });
    const show = headGridView(
      at.el,
      {
        change: (choices) => state.save(settled(state, choices)),
        model: () => state.get("trace_info").model_name,
        hover: (head) =>
          at.hover({ head: head && { ...head, model: state.get("trace_info").model_name } }),
      },
      at.signal,
    );
    return {
      show,
      props() {
        const { trace, ...props } = shared();
        const {
          scales,
          cell_size,
          layers = "auto",
          motif = "",
          sort_by = "",
          min_score = 0,
        } = plain();
        const pictures = atlas();
        const excluded = props.scale === "exclude_first";
        return {
          ...props,
          atlas: pictures,
          waiting:
            pictures !== null && (pictures.renormalised !== excluded || props.unit !== trace.unit),
          nQuery: (trace.query_tokens ?? trace.tokens).length,
          nKey: trace.tokens.length,
          scales: scales ?? ALL_SCALES,
          size: cell_size,
          layers,
          motifs: motifs(),
          motif,
          sortBy: sort_by,
          minScore: min_score,
          notice: firstTokenNotice(trace, props.scale),
          error: at.error(),
        };
      },
      pointed({ head }) {
        if (head === undefined) return null;
        return { hovered: head && traceTie(state).head(head) ? head : null };
      },
    };
  },
});
