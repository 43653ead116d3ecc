// HeadCard: traits -> props of the table's view, and its events -> traits.
import { joinBus, sameModelName, seatOf, type Tie } from "../host/bus.ts";
import { countView, lifetime, type Model, State } from "../host/model.ts";
import type { NamedHead } from "../kit/selection.ts";
import type { Card } from "./props.ts";
import type { Relative } from "./rows.ts";
import type { HeadCardTraits, WireCard } from "./traits.ts";
import { cardTableView } from "./view.ts";
import { decodeCard } from "./wire.ts";

type Context = { model: Model<HeadCardTraits>; signal?: AbortSignal };

const WATCHED = [
  "card",
  "current",
  "layer",
  "head",
  "model_name",
  "prompt",
  "palette",
  "busy",
  "progress",
  "error",
  "editable",
] as const;

/** With Python any head of its models can become the card's; without, only those that stand on it. */
function tieOf(state: State<HeadCardTraits>): Tie<HeadCardTraits> {
  return {
    modelName: () => state.get("model_name") ?? "",
    head({ layer, head, model }) {
      const { rows = [] } = state.get("card") as Partial<WireCard>;
      const known = rows.find((row) => sameModelName(row.model, model));
      const stands = rows.some(
        (row) => row.layer === layer && row.head === head && sameModelName(row.model, model),
      );
      if (!(state.get("editable") ? known : stands)) return null;
      return { layer, head, ...(model && { model_name: model }) };
    },
  };
}

function initialize({ model, signal: host }: Context): () => void {
  const [signal, end] = lifetime(host);
  joinBus(model, tieOf(new State(model)), signal);
  return end;
}

function render({ model, el, signal: host }: Context & { el: HTMLElement }): () => void {
  const [signal, end] = lifetime(host);
  countView(signal);
  const state = new State(model);
  let hovered: NamedHead | null = null;
  const seat = seatOf(model, tieOf(state), signal);
  const hover = seat.hovers(({ head }) => {
    if (head === undefined) return;
    hovered = head;
    update();
  }, signal);
  const named = (row: Relative): NamedHead => ({
    layer: row.layer,
    head: row.head,
    model: row.model,
  });
  const view = cardTableView(
    el,
    {
      choose({ name, layer, head, model: model_name }) {
        state.save({ current: name, layer, head, model_name });
      },
      open(row, { prompt }) {
        const { layer, head, model: model_name } = row;
        state.save({ layer, head, model_name, prompt });
        // Said also where nothing changed here: what shows it may have gone elsewhere meanwhile.
        seat.say({ head: named(row), ...(prompt && { prompt }) });
      },
      hover: (row) => hover({ head: row && named(row) }),
    },
    signal,
  );
  signal.addEventListener("abort", () => el.replaceChildren(), { once: true });

  let wire: HeadCardTraits["card"] | null = null;
  let card: Card | null = null;
  let failure = "";
  const take = () => {
    const now = state.get("card");
    if (now === wire) return;
    wire = now;
    try {
      card = decodeCard(now);
      failure = "";
    } catch (error) {
      failure = `The card could not be read: ${error instanceof Error ? error.message : error}`;
    }
  };
  function update(): void {
    take();
    view({
      card,
      waiting: state.get("editable") && card !== null && state.get("current") !== card.head,
      current: {
        layer: state.get("layer"),
        head: state.get("head"),
        model: state.get("model_name") ?? "",
      },
      prompt: state.get("prompt"),
      hovered,
      palette: state.get("palette") ?? "blues",
      busy: state.get("busy"),
      progress: state.get("progress") ?? 0,
      error: state.get("error") || failure,
      notice: "",
    });
  }
  state.watch(WATCHED, update, signal);
  update();
  return end;
}

export default { initialize, render };
