// Thumbnails of all heads of a trace, and the colour of each of their codes.

import type { Scale } from "../kit/names.ts";
import { rampIndex } from "./color.ts";
import { LOG_DECADES } from "./scale.ts";
import type { Thumbs } from "./thumbs.ts";

/** [layer, head, query, key]; value = code * step */
export interface Atlas extends Thumbs {
  readonly id: string;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly step: number;
  /** Made of patterns without their first key. */
  readonly renormalised: boolean;
  /** One a head, 0 where its picture is still being made; null: all are there. */
  readonly done: Uint8Array | null;
}

export function isMade({ done }: Atlas, index: number): boolean {
  return done === null || done[index] === 1;
}

/** One pixel for each of the 256 codes. */
export function atlasTable(step: number, scale: Scale, colors: Uint32Array): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, code) => {
    const value = Math.min(1, code * step);
    const position =
      scale === "log" ? Math.max(0, value > 0 ? 1 + Math.log10(value) / LOG_DECADES : 0) : value;
    return colors[rampIndex(position)];
  });
}
