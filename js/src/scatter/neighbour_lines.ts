// The current head -> lines from its point to those of the heads most like it.
import { type HeadMap, pointOf } from "./head_map.ts";

export interface NeighbourLine {
  readonly from: number;
  readonly to: number;
  /** 1 for the nearest neighbour, less for those further away. */
  readonly strength: number;
}

/** Between points of the same prompt; lines to points that are not shown are left out. */
export function neighbourLines(
  map: HeadMap,
  head: number,
  prompt: number,
  count: number,
  hidden: Uint8Array,
): NeighbourLine[] {
  const { neighbours } = map;
  if (!neighbours || head < 0) return [];
  const from = pointOf(map, head, prompt);
  if (hidden[from]) return [];
  const first = head * neighbours.k;
  const nearest = neighbours.distances[first];
  return Array.from({ length: Math.min(count, neighbours.k) }, (_, i) => {
    const distance = neighbours.distances[first + i];
    return {
      from,
      to: pointOf(map, neighbours.heads[first + i], prompt),
      strength: distance > 0 ? Math.max(0.25, nearest / distance) : 1,
    };
  }).filter(({ to }) => !hidden[to]);
}
