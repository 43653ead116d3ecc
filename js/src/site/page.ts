// The site of an atlas: the state that stands in the page -> the list of its heads, or the page of the one in the address.
import type { By, DossierProps, HeadPage, HeadTable } from "../dossier/props.ts";
import { dossierView } from "../dossier/view.ts";
import { decodeTable, type WireTable } from "../dossier/wire.ts";
import { type PagePart, stateOf } from "../host/page_state.ts";
import { make } from "../kit/dom.ts";
import { addressOf, nameIn } from "./address.ts";
import { listView } from "./list.ts";
import { pageLoader } from "./load.ts";

export interface SiteState {
  title: string;
  /** The folder of the heads' files. */
  files: string;
  passages: number;
  table: WireTable;
}

const NONE: Omit<DossierProps, "table" | "by" | "here"> = {
  page: null,
  waiting: false,
  heads: [],
  canGoBack: false,
  openable: false,
  opening: null,
  palette: "blues",
  busy: false,
  progress: 0,
  error: "",
  notice: "",
};

export function openSite(part: PagePart, root: HTMLElement, signal: AbortSignal): void {
  const state = stateOf(part) as unknown as SiteState;
  const table = decodeTable(state.table);
  if (!table) throw new Error("it holds no heads");
  const load = pageLoader(state.files, (script) => document.head.append(script));
  const list = make("div", "aw-site-list");
  const page = make("div", "aw-site-head", { hidden: true });
  const home = make("a", "aw-site-home", { href: "#" }, `\u2190 ${state.title}`);
  page.append(make("nav", "", { "aria-label": "Site" }, home));
  root.append(list, page);
  listView(list, table, state.title, state.passages, signal);
  const show = headView(page, table, load, signal);

  let place = 0; // where the list was left
  const follow = () => {
    const name = nameIn(location.hash);
    if (!list.hidden) place = scrollY;
    const onList = name === "";
    list.hidden = !onList;
    page.hidden = onList;
    document.title = onList ? state.title : `${name} \u2013 ${state.title}`;
    if (onList) scrollTo(0, place);
    else {
      show(name);
      scrollTo(0, 0);
    }
  };
  addEventListener("hashchange", follow, { signal });
  follow();
}

/** Shows the page of the head that was asked for last. */
function headView(
  parent: HTMLElement,
  table: HeadTable,
  load: (number: number) => Promise<HeadPage>,
  signal: AbortSignal,
): (name: string) => void {
  let by: By = "decile";
  let shown: HeadPage | null = null;
  let wanted = "";
  const view = dossierView(
    parent,
    {
      choose(name) {
        location.hash = addressOf(name);
      },
      by(next) {
        by = next;
        update({});
      },
      open() {},
      back() {},
    },
    signal,
  );
  const update = (now: Partial<DossierProps>) =>
    view({ ...NONE, table, by, here: (name) => table.indices.has(name), page: shown, ...now });
  return (name) => {
    wanted = name;
    const number = table.indices.get(name);
    if (number === undefined) {
      shown = null;
      update({ error: `There is no head "${name}" here; look for it in the list of all heads.` });
      return;
    }
    update({ waiting: shown !== null && shown.name !== name, busy: shown?.name !== name });
    load(number).then(
      (page) => {
        if (name !== wanted || signal.aborted) return;
        shown = page;
        update({});
      },
      (error: Error) => {
        if (name !== wanted || signal.aborted) return;
        shown = null;
        update({ error: error.message });
      },
    );
  };
}

function start(): void {
  const root = document.getElementById("attn-widgets-site-root");
  const data = document.getElementById("attn-widgets-site");
  if (!root || !data) return; // no page of ours
  root.replaceChildren(); // the words that stand there until it is opened
  try {
    openSite(JSON.parse(data.textContent ?? ""), root, new AbortController().signal);
  } catch (error) {
    const text = `This page could not be read; its file may be damaged: ${error instanceof Error ? error.message : error}`;
    root.replaceChildren(make("pre", "", { role: "alert" }, text));
    console.error(error);
  }
}

if (typeof document !== "undefined") start();
