// A page with no kernel: states and buffers in a <script> element -> rendered widgets, all in one group of the bus.
import type { Model } from "./model.ts";
import { type PagePart, type PageState as State, stateOf } from "./page_state.ts";

/** All widgets of a page are linked. */
const GROUP = "page";

export interface PageWidget extends PagePart {
  module: string;
}

export interface Page {
  modules: Record<string, string>;
  styles: Record<string, string>;
  widgets: PageWidget[];
}

interface WidgetModule {
  initialize?: (context: { model: StaticModel; signal: AbortSignal }) => unknown;
  render?: (context: { model: StaticModel; el: HTMLElement; signal: AbortSignal }) => unknown;
}

/** What a widget needs of a model, kept in the page: there is no Python for `save_changes` to reach. */
export class StaticModel implements Model<State> {
  readonly #state: State;
  readonly #listeners = new Map<string, Set<(...said: never[]) => void>>();

  constructor(state: State) {
    this.#state = state;
  }

  get(key: string): unknown {
    return this.#state[key];
  }

  set(key: string, value: unknown): void {
    if (Object.is(this.#state[key], value)) return;
    this.#state[key] = value;
    for (const fn of [...(this.#listeners.get(`change:${key}`) ?? [])]) (fn as () => void)();
  }

  on(event: string, fn: (...said: never[]) => void): void {
    const known = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, known.add(fn));
  }

  off(event: string, fn: (...said: never[]) => void): void {
    this.#listeners.get(event)?.delete(fn);
  }

  save_changes(): void {}

  send(): void {}
}

async function loadModule(source: string): Promise<WidgetModule> {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    const { default: found } = await import(/* @vite-ignore */ url);
    return typeof found === "function" ? await found() : found;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function showError(root: Element, what: string, error: unknown): void {
  const box = document.createElement("pre");
  box.setAttribute("role", "alert");
  box.style.cssText =
    "white-space:pre-wrap;padding:12px;border-left:3px solid #c0392b;margin:12px 0";
  box.textContent = `${what}\nThe file may be damaged: ${error instanceof Error ? error.message : error}`;
  root.append(box);
  console.error(error);
}

const PAGE_STYLE = `
body { margin: 0; padding: 20px; }
#attn-widgets-root { display: grid; gap: 20px; max-width: 1120px; margin: 0 auto; }
#attn-widgets-root > * { min-width: 0; }
`;

/** Rejects where nothing can be shown; a widget that cannot be shown says so in its place. */
export async function openPage(
  page: Page,
  root: Element,
  signal: AbortSignal,
  load: (source: string) => Promise<WidgetModule> = loadModule,
): Promise<StaticModel[]> {
  if (!page?.widgets?.length) throw new Error("it holds no widgets");
  for (const css of [PAGE_STYLE, ...Object.values(page.styles ?? {})]) {
    const style = document.createElement("style");
    style.textContent = css;
    document.head.append(style);
  }
  const sections = page.widgets.map(() => {
    const el = document.createElement("section");
    el.className = "attn-widget";
    root.append(el);
    return el;
  });
  // All modules before any widget: those that wait for one more would show in a later frame than the others.
  const sources = new Map(Object.entries(page.modules ?? {}));
  const named = [...new Set(page.widgets.map((entry) => entry?.module))];
  const loaded = named.map((name) => loadNamed(name, sources.get(name), load));
  await Promise.allSettled(loaded);
  const models: StaticModel[] = [];
  for (const [i, entry] of page.widgets.entries()) {
    const name = entry?.module;
    const el = sections[i];
    try {
      const model = new StaticModel({ ...stateOf(entry, page.widgets), links: [GROUP] });
      models.push(model);
      const widget = await loaded[named.indexOf(name)];
      await widget.initialize?.({ model, signal });
      await widget.render?.({ model, el, signal });
    } catch (error) {
      showError(el, `The widget "${name}" could not be shown.`, error);
    }
  }
  return models;
}

async function loadNamed(
  name: string,
  source: string | undefined,
  load: (source: string) => Promise<WidgetModule>,
): Promise<WidgetModule> {
  if (source === undefined) throw new Error(`the page contains no module named "${name}"`);
  const widget = await load(source);
  if (!widget?.render) throw new Error(`the module named "${name}" has nothing to show`);
  return widget;
}

async function start(): Promise<void> {
  const place = document.getElementById("attn-widgets-root");
  const data = document.getElementById("attn-widgets");
  if (!place && !data) return; // no page of ours
  place?.replaceChildren(); // the words that stand there until it is opened
  const root = place ?? document.body;
  const closed = new AbortController();
  addEventListener("pagehide", (event) => event.persisted || closed.abort(), { once: true });
  try {
    if (!data) throw new Error("it holds no data");
    await openPage(JSON.parse(data.textContent ?? ""), root, closed.signal);
  } catch (error) {
    showError(root, "The data of this page could not be read.", error);
  }
}

if (typeof document !== "undefined") start();
