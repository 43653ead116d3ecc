// A pattern with its tokens -> the table of it: a row a query, a column a key.
import type { Saved, Table } from "../kit/save.ts";
import { headName, valueAt } from "../pattern/pattern.ts";
import type { Picture } from "./props.ts";

/** null where only an overview is here. */
export function tableOf({ pattern, queryTokens, keyTokens }: Picture): Table | null {
  if (pattern.block > 1) return null;
  const rows = queryTokens.map((token, query) => [
    query,
    token,
    ...keyTokens.map((_, key) => {
      const value = valueAt(pattern, query, key);
      return value === null ? null : Number(value.toPrecision(5));
    }),
  ]);
  return [["query", "token", ...keyTokens.map((token, key) => `${key} ${token}`)], ...rows];
}

/** What a heatmap saves. */
export function savedOf(
  now: { picture: Picture; stage: HTMLElement } | null,
  model: string,
): { saved: Saved; stage: HTMLElement } | null {
  if (!now) return null;
  const { picture, stage } = now;
  const { layer, head, kind } = picture.pattern;
  const title = `${model} ${headName(layer, head)}, ${kind.replace("_", " ")}`.trim();
  return { stage, saved: { name: fileName(title), title, table: () => tableOf(picture) } };
}

const fileName = (title: string) => title.replace(/[^\w.-]+/g, "-");
