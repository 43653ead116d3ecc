// A head of an atlas -> its page: who it is, what it does, where it stands, which heads are like it.
import { listen, make } from "../kit/dom.ts";
import { statusView } from "../kit/status.ts";
import { followTheme } from "../kit/theme.ts";
import { examplesView } from "./examples.ts";
import { kindsView } from "./kinds.ts";
import { meanView } from "./mean.ts";
import { navigation } from "./navigation.ts";
import { nearestView } from "./nearest.ts";
import type { DossierEvents, DossierProps } from "./props.ts";
import { scoresView } from "./scores.ts";
import { strengthsView } from "./strengths.ts";
import { titleView } from "./title.ts";

/** Where arrows have a meaning of their own. */
const TYPING = "input, select, textarea, [role=listbox], .aw-kind-scroll";

export function dossierView(
  parent: HTMLElement,
  events: DossierEvents,
  signal: AbortSignal,
): (props: DossierProps) => void {
  const root = make("div", "aw-root aw-dossier", {
    "data-lm-suppress-shortcuts": "true",
    "aria-keyshortcuts": "ArrowLeft ArrowRight /",
  });
  parent.append(root);
  const theme = followTheme(root, () => refresh(), signal);
  let props: DossierProps | null = null;
  let order = "";
  let announced = "";
  const inOrder = (name: string) => {
    order = name;
    refresh();
  };

  const walk = navigation(root, { ...events, order: inOrder }, signal);
  const setTitle = titleView(root);
  const columns = make("div", "aw-dossier-columns");
  const main = make("div", "aw-dossier-main");
  const aside = make("div", "aw-dossier-aside");
  columns.append(main, aside);
  const empty = make("div", "aw-empty", {}, "Waiting for the first page\u2026");
  root.append(columns, empty);
  const setExamples = examplesView(main, events, (text) => status.announce(text), signal);
  const setMean = meanView(aside, signal);
  const setStrengths = strengthsView(aside);
  const setNearest = nearestView(aside, events.choose, signal);
  const setScores = scoresView(root, inOrder, signal);
  const setKinds = kindsView(root);
  const status = statusView(root, signal);

  listen(
    root,
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if ((event.target as Element).closest(TYPING)) return;
      if (event.key === "ArrowLeft") walk.previous();
      else if (event.key === "ArrowRight") walk.next();
      else if (event.key === "/") walk.find();
      else return;
      event.preventDefault();
    },
    signal,
  );

  function refresh(): void {
    if (!props) return;
    const { page, waiting, error } = props;
    status.update(props);
    root.classList.toggle("aw-empty-page", page === null);
    empty.hidden = page !== null || error !== "";
    columns.classList.toggle("aw-waiting", waiting);
    walk.update(props, order);
    if (!page) return;
    setTitle(props);
    setExamples(props, theme());
    setMean(props, theme());
    setStrengths(props);
    setNearest(props, theme());
    setScores(props, order);
    setKinds(props, theme());
    if (announced !== "" && announced !== page.name) status.announce(`Page of ${page.name}`);
    announced = page.name;
  }

  return (next) => {
    props = next;
    refresh();
  };
}
