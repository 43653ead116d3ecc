// What stands in a page as text -> values with their bytes in place; the mirror of buffers.py.

export type PageState = Record<string, unknown>;
type Path = (string | number)[];

export interface PagePart {
  state: PageState;
  /** Where in the state bytes go, and the bytes in base64; or which part's which buffer has the same. */
  buffers: [Path, string | [number, number]][];
}

/** Where the browser has it: a loop over the characters of all heads takes ten times as long. */
const { fromBase64 } = Uint8Array as { fromBase64?: (base64: string) => Uint8Array<ArrayBuffer> };

function decode(base64: string): DataView {
  if (fromBase64) return new DataView(fromBase64.call(Uint8Array, base64).buffer);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new DataView(bytes.buffer);
}

/** The state with its bytes in place. Objects that hold bytes are those of the page itself. */
export function stateOf({ state, buffers }: PagePart, all: readonly PagePart[] = []): PageState {
  if (typeof state !== "object" || state === null) throw new Error("it has no state");
  if (!Array.isArray(buffers)) throw new Error("it has no list of buffers");
  for (const [path, data] of buffers) {
    try {
      const base64 = typeof data === "string" ? data : all[data[0]].buffers[data[1]][1];
      let place: unknown = state;
      for (const step of path.slice(0, -1)) {
        place = (place as Record<string | number, unknown>)[step];
      }
      (place as Record<string | number, unknown>)[path.at(-1)!] = decode(base64 as string);
    } catch (error) {
      throw new Error(`the bytes of ${path.join("/")} are damaged: ${error}`);
    }
  }
  return state;
}
