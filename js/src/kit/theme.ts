// The page -> light or dark, and the colours that canvases need; told again when the page changes.
import { setAttributes } from "./dom.ts";

export interface Theme {
  readonly dark: boolean;
  readonly text: string;
  readonly faint: string;
  readonly background: string;
  /** Cells that have no value. */
  readonly blank: string;
  readonly accent: string;
  readonly cross: string;
  readonly font: string;
}

/** What the notebook says of itself; null where it says nothing. */
function declared(): boolean | null {
  const body = document.body;
  const page = document.documentElement;
  const lab = body.dataset.jpThemeLight;
  if (lab !== undefined) return lab === "false";
  for (const element of [body, page]) {
    const classes = element.classList;
    if (classes.contains("vscode-light") || classes.contains("vscode-high-contrast-light"))
      return false;
    if (classes.contains("vscode-dark") || classes.contains("vscode-high-contrast")) return true;
    if (classes.contains("dark") || classes.contains("dark-theme")) return true; // marimo
    if (classes.contains("light") || classes.contains("light-theme")) return false;
    const theme = element.dataset.theme ?? element.getAttribute("theme");
    if (theme === "dark") return true;
    if (theme === "light") return false;
    const scheme = getComputedStyle(element).colorScheme;
    if (scheme === "dark") return true;
    if (scheme === "light") return false;
  }
  return null;
}

export function isDark(): boolean {
  const system = matchMedia("(prefers-color-scheme: dark)").matches;
  // Forced colours are the system's, whatever the page says of itself.
  return matchMedia("(forced-colors: active)").matches ? system : (declared() ?? system);
}

function readTheme(root: HTMLElement): Theme {
  const style = getComputedStyle(root);
  const value = (name: string, otherwise: string) =>
    style.getPropertyValue(name).trim() || otherwise;
  return {
    dark: root.dataset.awTheme === "dark",
    text: value("--aw-text", "#1f2328"),
    faint: value("--aw-faint", "#6e7781"),
    background: value("--aw-background", "#ffffff"),
    blank: value("--aw-blank", "#f3f4f6"),
    accent: value("--aw-accent", "#d9480f"),
    cross: value("--aw-cross", "#1f2328"),
    font: value("--aw-font", "system-ui, sans-serif"),
  };
}

/** Keeps `root` in the page's theme, and calls `changed` when that theme becomes another. */
export function followTheme(
  root: HTMLElement,
  changed: () => void,
  signal: AbortSignal,
): () => Theme {
  let theme: Theme | undefined;
  let detached = false;
  let printing = false;
  const apply = () => {
    const onPaper = printing || matchMedia("print").matches;
    setAttributes(root, { "data-aw-theme": onPaper ? "print" : isDark() ? "dark" : "light" });
  };
  const check = () => {
    apply();
    theme = undefined;
    changed();
  };
  apply();
  const observer = new MutationObserver(check);
  const attributeFilter = [
    "class",
    "style",
    "theme",
    "data-theme",
    "data-jp-theme-light",
    "data-jp-theme-name",
  ];
  for (const element of [document.body, document.documentElement]) {
    observer.observe(element, { attributes: true, attributeFilter });
  }
  // An element that is not on the page yet has no colours, and no size: with its size come the colours.
  const attached = new ResizeObserver(() => {
    if (root.isConnected && detached) check();
  });
  attached.observe(root);
  const stop = () => {
    observer.disconnect();
    attached.disconnect();
  };
  signal.addEventListener("abort", stop, { once: true });
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)", "print"])
    matchMedia(query).addEventListener("change", check, { signal });
  // Before drawings that wait for a frame: no frame comes between this and the paper.
  for (const event of ["beforeprint", "afterprint"])
    window.addEventListener(
      event,
      () => {
        printing = event === "beforeprint";
        check();
      },
      { signal, capture: true },
    );
  // Style sheets of a new theme may load after the attribute that announces it.
  root.addEventListener("transitionend", (event) => event.target === root && check(), { signal });
  return () => {
    if (!theme) {
      theme = readTheme(root);
      detached = !root.isConnected;
    }
    return theme;
  };
}
