// Thumbnails of all heads as 8-bit codes: value = code * step.

export interface Atlas {
  readonly id: string;
  /** [layer, head, query, key] */
  readonly codes: Uint8Array;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly nQuery: number;
  readonly nKey: number;
  readonly step: number;
  readonly causal: boolean;
  /** Made of patterns without their first key. */
  readonly renormalised: boolean;
}
