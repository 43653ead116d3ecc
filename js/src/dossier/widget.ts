// HeadDossier: traits -> props of the page's view, and its events -> traits.
import type { Tie } from "../host/bus.ts";
import { widget } from "../host/frame.ts";
import type { State } from "../host/model.ts";
import { memo } from "../kit/memo.ts";
import type { DossierProps, HeadPage, Opening } from "./props.ts";
import type { HeadDossierTraits } from "./traits.ts";
import { dossierView } from "./view.ts";
import { decodePage, decodeRows, decodeTable, type Rows, withRows } from "./wire.ts";

type Place = Pick<HeadDossierTraits, "current" | "model_name" | "layer" | "head">;

function placeOf(name: string): Place | null {
  const [, model_name, layer, head] = /^(.*):L(\d+)H(\d+)$/.exec(name) ?? [];
  if (model_name === undefined) return null;
  return { current: name, model_name, layer: Number(layer), head: Number(head) };
}

/** With Python there is a page of every head, without one of those that it holds. */
function isHere(state: State<HeadDossierTraits>, name: string): boolean {
  const archive = state.get("archive");
  if (archive) return name in archive;
  const table = state.get("table");
  return "names" in table && table.names.includes(name);
}

function tie(state: State<HeadDossierTraits>): Tie<HeadDossierTraits> {
  return {
    modelName: () => state.get("model_name") ?? "",
    head({ layer, head, model }) {
      const name = `${model || state.get("model_name")}:L${layer}H${head}`;
      return isHere(state, name) ? placeOf(name) : null;
    },
  };
}

interface Trail {
  length(): number;
  back(): void;
}

/** The heads that were seen, to go back to. */
function keepTrail(state: State<HeadDossierTraits>, signal: AbortSignal): Trail {
  const seen: string[] = [];
  let last = state.get("current");
  let returning = false;
  const follow = () => {
    const now = state.get("current");
    if (now === last) return;
    if (returning) seen.pop();
    else seen.push(last);
    returning = false;
    last = now;
  };
  state.watch(["current"], follow, signal);
  return {
    length: () => seen.length,
    back() {
      const place = placeOf(seen.at(-1) ?? "");
      if (!place) return;
      returning = true;
      state.save(place);
    },
  };
}

const PLAIN = ["heads", "by", "palette", "busy", "progress", "editable", "current"] as const;

export default widget<HeadDossierTraits, DossierProps, Trail>({
  tie,
  keep: keepTrail,
  open(at, trail) {
    const { state } = at;
    const plain = at.pick(PLAIN);
    const opening = at.read("opening", ["opening"], (told) =>
      told && "text" in told ? (told as Opening) : null,
    );
    const table = at.read("table of heads", ["table"], decodeTable);
    const decoded = memo(decodePage);
    const page = at.read("page", ["page", "archive", "current"], (sent, archive, current) =>
      decoded(archive?.[current] ?? sent),
    );
    const rows = at.read("rows of the examples", ["rows"], decodeRows);
    const joined = memo((one: HeadPage, known: Rows) => withRows(one, known));
    return {
      show: dossierView(
        at.el,
        {
          choose(name) {
            const place = placeOf(name);
            if (place) state.save(place);
          },
          by: (by) => state.save({ by }),
          open({ passage, query, key }) {
            const { count = 0 } = state.get("opened") ?? {};
            const head = state.get("current");
            state.save({ opened: { head, passage, query, key, count: count + 1 } });
          },
          back: trail.back,
        },
        at.signal,
      ),
      props() {
        const { editable: openable, current, ...props } = plain();
        const known = rows();
        const bare = page();
        return {
          ...props,
          openable,
          table: table(),
          page: bare && known && known.head === bare.name ? joined(bare, known.rows) : bare,
          waiting: bare !== null && bare.name !== current,
          here: (name) => isHere(state, name),
          canGoBack: trail.length() > 0,
          opening: opening(),
          notice: "",
          error: at.error(),
        };
      },
    };
  },
});
