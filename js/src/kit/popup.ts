// What a popup speaks of, its size and the widget's room -> where it begins, inside the widget.

/** Along one direction, in CSS pixels of the element that the popup is placed in. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The nearest start to `start` with which all of it is inside; its beginning is where it is too large. */
export function keepIn(start: number, size: number, room: Range): number {
  return Math.round(Math.max(room.from, Math.min(start, room.to - size)));
}

/** `gap` away from a point, on the side with more room. */
export function besideOf(at: number, size: number, room: Range, gap: number): number {
  const before = at > (room.from + room.to) / 2;
  return keepIn(before ? at - gap - size : at + gap, size, room);
}

/** Below an anchor, or above it where only there is room. */
export function belowOf(anchor: Range, size: number, room: Range, gap: number): number {
  const below = anchor.to + gap;
  const above = anchor.from - gap - size;
  return keepIn(below + size > room.to && above >= room.from ? above : below, size, room);
}

/** The room of the widget around `parent`: what lies outside it is cut off. */
export function roomAround(parent: Element): { across: Range; down: Range } {
  const root = (parent.closest(".aw-root") ?? parent).getBoundingClientRect();
  const { left, top } = parent.getBoundingClientRect();
  return {
    across: { from: root.left - left + 1, to: root.right - left - 1 },
    down: { from: root.top - top + 1, to: root.bottom - top - 1 },
  };
}
