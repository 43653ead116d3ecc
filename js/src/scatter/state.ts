// What a scatter's model holds -> props of its view, with the bytes decoded once for each of their values.
import type { State } from "../host/model.ts";
import { memo } from "../kit/memo.ts";
import type { HeadMap } from "./head_map.ts";
import type { Pictures } from "./pictures.ts";
import type { HeadScatterProps } from "./props.ts";
import type { HeadScatterTraits } from "./traits.ts";
import { decodeMap, decodeThumbs } from "./wire.ts";

type Traits = HeadScatterTraits;

export function scatterState(state: State<Traits>): () => HeadScatterProps {
  let map: HeadMap | null = null;
  let failure = "";

  /** The last map that could be read stays. */
  const read = memo(
    (
      map_info: Traits["map_info"],
      points: Traits["points"],
      names: Traits["names"],
      columns: Traits["columns"],
      neighbours: Traits["neighbours"],
      neighbour_distances: Traits["neighbour_distances"],
    ): void => {
      if (!map_info || !("n" in map_info)) return;
      try {
        map = decodeMap({ map_info, points, names, columns, neighbours, neighbour_distances });
        failure = "";
      } catch (error) {
        failure = `The map could not be read: ${error instanceof Error ? error.message : error}`;
      }
    },
  );
  const heads = memo((thumbs: Traits["thumbs"]) =>
    thumbs && "data" in thumbs && thumbs.data ? decodeThumbs("thumbs", thumbs.data) : null,
  );
  const asked = memo((thumb: Traits["thumb"]): Pictures["asked"] =>
    thumb && "thumb" in thumb && thumb.thumb
      ? { index: thumb.index, thumbs: decodeThumbs("thumb", thumb.thumb) }
      : null,
  );
  const gallery = memo((sent: Traits["gallery"]): Pictures["gallery"] =>
    sent && "thumbs" in sent && sent.thumbs
      ? { names: sent.names, thumbs: decodeThumbs("gallery", sent.thumbs) }
      : null,
  );
  const get = <K extends keyof Traits & string>(key: K) => state.get(key);

  return () => {
    read(
      get("map_info"),
      get("points"),
      get("names"),
      get("columns"),
      get("neighbours"),
      get("neighbour_distances"),
    );
    return {
      map,
      pictures: {
        heads: heads(get("thumbs")),
        asked: asked(get("thumb")),
        gallery: gallery(get("gallery")),
      },
      selection: get("selection"),
      hovered: get("hovered"),
      layer: get("layer"),
      head: get("head"),
      model_name: get("model_name"),
      color_by: get("color_by"),
      size_by: get("size_by"),
      components: get("components"),
      view3d: get("view3d"),
      hidden: get("hidden"),
      show_neighbours: get("show_neighbours"),
      palette: get("palette"),
      busy: get("busy"),
      progress: get("progress"),
      error: get("error") || failure,
      editable: get("editable"),
    };
  };
}
