// The head on show, and one that is pointed at elsewhere -> heads that are not here, asked for before they are chosen.

import { later } from "../kit/dom.ts";
import type { Kind } from "../kit/names.ts";
import { type Head, sameHead, stepHead, stepLayer } from "../kit/selection.ts";

/** The picture that was asked for is painted first. In ms. */
const REST = 30;
/** Larger patterns cost more than they are likely worth: at 256 tokens four are a quarter of a megabyte. */
const MOST_CELLS = 256 * 256;

export interface OnShow extends Head {
  readonly traceId: string;
  readonly kind: Kind;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly cells: number;
}

/** A head of a trace. */
export interface Ahead extends Head {
  readonly trace_id: string;
  readonly kind: Kind;
}

export interface LookAhead {
  /** Something was shown or chosen. */
  moved(): void;
  /** A linked widget has the pointer over this head, and a click would choose it. */
  pointed(head: Head): void;
  came(of: Ahead): void;
}

const nameOf = ({ trace_id, kind, layer, head }: Ahead) => [trace_id, kind, layer, head].join();

export function lookAhead(
  /** null before there is a trace */
  now: () => OnShow | null,
  isHere: (head: Head) => boolean,
  ask: (of: Ahead[]) => void,
  signal: AbortSignal,
): LookAhead {
  const timer = later(signal);
  const pointer = later(signal);
  /** Asked for and not come yet. */
  const asked = new Set<string>();

  function beside(): Head[] {
    const shown = now();
    if (!shown) return [];
    const { nLayers, nHeads, layer, head } = shown;
    const at = { layer, head };
    return [
      stepHead(at, 1, nLayers, nHeads),
      stepLayer(at, 1, nLayers),
      stepHead(at, -1, nLayers, nHeads),
      stepLayer(at, -1, nLayers),
    ];
  }

  function look(heads: readonly Head[]): void {
    const shown = now();
    if (!shown) return;
    const { traceId: trace_id, kind, cells, layer, head } = shown;
    // what is on show comes first
    if (cells > MOST_CELLS || !isHere({ layer, head })) return;
    const wanted = heads
      .filter((one, i, all) => !isHere(one) && all.findIndex((o) => sameHead(o, one)) === i)
      .map((one) => ({ trace_id, kind, ...one }))
      .filter((of) => !asked.has(nameOf(of)));
    for (const of of wanted) asked.add(nameOf(of));
    if (wanted.length) ask(wanted);
  }

  const moved = () => timer.start(() => look(beside()), REST);
  moved();
  return {
    moved,
    pointed: (head) => pointer.start(() => look([head]), REST),
    came: (of) => void asked.delete(nameOf(of)),
  };
}
