// An anywidget model -> typed state: get, save (one message), watch (once for each batch, until a signal).

/** A message comes with its buffers, a change with nothing. */
type Heard = `change:${string}` | "msg:custom";

export interface Model<T> {
  get<K extends keyof T>(key: K): T[K];
  set<K extends keyof T>(key: K, value: T[K]): void;
  on(event: Heard, callback: (...said: never[]) => void): void;
  off(event: Heard, callback: (...said: never[]) => void): void;
  save_changes(): void;
  /** To Python, beside the traits. */
  send(message: unknown): void;
}

/** How many views are open, and how many listeners they and their models hold; for leak tests. */
interface Tally {
  views: number;
  listeners: number;
  modelListeners: number;
}

declare global {
  var __attn_widgets__: Tally | undefined;
}

export function tally(): Tally {
  globalThis.__attn_widgets__ ??= { views: 0, listeners: 0, modelListeners: 0 };
  return globalThis.__attn_widgets__;
}

export function countView(signal: AbortSignal): void {
  if (signal.aborted) return;
  tally().views += 1;
  signal.addEventListener("abort", () => (tally().views -= 1), { once: true });
}

export class State<T> {
  readonly #model: Model<T>;
  readonly #counter: "listeners" | "modelListeners";

  constructor(model: Model<T>, counter: "listeners" | "modelListeners" = "listeners") {
    this.#model = model;
    this.#counter = counter;
  }

  get<K extends keyof T & string>(key: K): T[K] {
    return this.#model.get(key);
  }

  /** Set several traits and send them in one message, so that Python never sees half of a change. */
  save(changes: Partial<T>): void {
    for (const key of Object.keys(changes) as (keyof T)[]) {
      this.#model.set(key, changes[key] as T[keyof T]);
    }
    this.#model.save_changes();
  }

  /** Say something to Python that is no state. */
  send(message: unknown): void {
    this.#model.send(message);
  }

  /** Hear what Python says that is no state. */
  hear(fn: (message: unknown, buffers: DataView[]) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#model.on("msg:custom", fn);
    tally()[this.#counter] += 1;
    const stop = () => {
      this.#model.off("msg:custom", fn);
      tally()[this.#counter] -= 1;
    };
    signal.addEventListener("abort", stop, { once: true });
  }

  /** Call `fn` after any of `keys` changed: once for changes made together. */
  watch(keys: readonly (keyof T & string)[], fn: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    let scheduled = false;
    const changed = () => {
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(() => {
        scheduled = false;
        if (!signal.aborted) fn();
      });
    };
    for (const key of keys) {
      this.#model.on(`change:${key}`, changed);
      tally()[this.#counter] += 1;
    }
    signal.addEventListener(
      "abort",
      () => {
        for (const key of keys) {
          this.#model.off(`change:${key}`, changed);
          tally()[this.#counter] -= 1;
        }
      },
      { once: true },
    );
  }
}

/** A signal that ends with the host's, and a function to end it where a host passes none. */
export function lifetime(signal: AbortSignal | undefined): [AbortSignal, () => void] {
  const own = new AbortController();
  const both = signal ? AbortSignal.any([signal, own.signal]) : own.signal;
  return [both, () => own.abort()];
}
