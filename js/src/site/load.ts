// The number of a head -> its page, from a script beside the index: a page that was opened from a disk may load one,
// and may not fetch.

import type { HeadPage } from "../dossier/props.ts";
import { decodePage, type WirePage } from "../dossier/wire.ts";
import { type PagePart, stateOf } from "../host/page_state.ts";

declare global {
  /** What the script of a head calls. */
  var attnWidgetsSite: ((number: number, part: PagePart) => void) | undefined;
}

const KEPT = 30;

export function pageLoader(folder: string, add: (script: HTMLScriptElement) => void) {
  const arrived = new Map<number, PagePart>();
  const pages = new Map<number, Promise<HeadPage>>();
  globalThis.attnWidgetsSite = (number, part) => arrived.set(number, part);

  function load(number: number): Promise<HeadPage> {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const file = `${folder}/${number}.js`;
      script.src = file;
      script.onload = () => {
        script.remove();
        try {
          const part = arrived.get(number);
          arrived.delete(number);
          const page = part && decodePage(stateOf(part) as unknown as WirePage);
          if (!page) throw new Error("it holds no page of a head");
          resolve(page);
        } catch (error) {
          reject(
            new Error(`${file} is damaged: ${error instanceof Error ? error.message : error}`),
          );
        }
      };
      script.onerror = () => {
        script.remove();
        reject(new Error(`${file} could not be loaded; it belongs beside this page`));
      };
      add(script);
    });
  }

  return (number: number): Promise<HeadPage> => {
    const known = pages.get(number) ?? load(number);
    pages.delete(number);
    pages.set(number, known);
    // one that failed is asked for again
    known.catch(() => pages.delete(number));
    for (const oldest of pages.keys()) {
      if (pages.size <= KEPT) break;
      pages.delete(oldest);
    }
    return known;
  };
}
