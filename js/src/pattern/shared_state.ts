// What every widget's model holds -> the props that every widget's view has.
import type { State } from "../host/model.ts";
import type { Cell } from "../kit/selection.ts";
import type { Palette, Scale, SharedTraits } from "./traits.ts";

export const SHARED = [
  "trace_info",
  "layer",
  "head",
  "query",
  "key",
  "scale",
  "palette",
  "motifs",
  "busy",
  "progress",
  "error",
  "editable",
  "prompt",
] as const;

export interface SharedProps {
  readonly layer: number;
  readonly head: number;
  readonly locked: Cell;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly busy: boolean;
  readonly progress: number;
  readonly editable: boolean;
  readonly prompt: string;
}

export function sharedProps<T extends SharedTraits>(state: State<T>): SharedProps {
  return {
    layer: state.get("layer"),
    head: state.get("head"),
    locked: { query: state.get("query"), key: state.get("key") },
    scale: state.get("scale"),
    palette: state.get("palette"),
    busy: state.get("busy"),
    progress: state.get("progress"),
    editable: state.get("editable"),
    prompt: state.get("prompt"),
  };
}
