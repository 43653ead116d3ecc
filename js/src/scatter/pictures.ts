// Which small pattern belongs to a point or a selected head, from what has come so far.

import type { Thumbs } from "../pattern/thumbs.ts";
import type { GalleryProps } from "./gallery.ts";
import { type HeadMap, headOf, promptOf } from "./head_map.ts";
import type { TipProps } from "./hover_tip.ts";

export interface Pictures {
  /** One a head, on the first prompt; null where there are too many heads. */
  readonly heads: Thumbs | null;
  /** The answer to a question. */
  readonly asked: { readonly index: number; readonly thumbs: Thumbs } | null;
  /** Larger ones of the selection. */
  readonly gallery: { readonly names: readonly string[]; readonly thumbs: Thumbs } | null;
}

/** Of more heads there are coarse pictures only, until a finer one is asked for. */
const FINE_UP_TO = 2_600;

/** `exact`: it is the point's own; else it is the same head's on another prompt, or none. */
export function pictureOf(
  map: HeadMap,
  pictures: Pictures,
  point: number,
): { picture: TipProps["picture"]; exact: boolean } {
  const { asked, heads } = pictures;
  if (asked?.index === point) {
    const caption = map.info.pictures_of ?? "";
    return { picture: { thumbs: asked.thumbs, index: 0, caption }, exact: true };
  }
  const head = headOf(map, point);
  if (!heads || head >= heads.cells.length) return { picture: null, exact: false };
  const first = promptOf(map, point) === 0;
  const caption = first ? (map.info.pictures_of ?? "") : "On the first prompt";
  const exact = first && map.names.length <= FINE_UP_TO;
  return { picture: { thumbs: heads, index: head, caption }, exact };
}

const MOST_IN_GALLERY = 24;

/** null: a single head needs no gallery. */
export function galleryOf(
  map: HeadMap,
  { gallery, heads }: Pictures,
  selection: readonly string[],
): Pick<GalleryProps, "names" | "thumbs" | "pictures" | "total"> | null {
  const total = selection.length;
  if (total < 2) return null;
  const first = selection.slice(0, MOST_IN_GALLERY);
  const sent = gallery?.names.slice(0, gallery.thumbs.cells.length) ?? [];
  if (gallery && sent.length > 0 && sent.every((name, i) => name === first[i])) {
    return { names: sent, thumbs: gallery.thumbs, pictures: sent.map((_, i) => i), total };
  }
  const names = first.filter((name) => map.indices.has(name));
  const places = names.map((name) => map.indices.get(name)!);
  const thumbs = heads && places.every((place) => place < heads.cells.length) ? heads : null;
  return { names, thumbs, pictures: places, total };
}
