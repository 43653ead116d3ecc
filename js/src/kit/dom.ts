// Small helpers for elements, listeners and timers that end with a signal.

type Attributes = Record<string, string | number | boolean | null>;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** For what names another element: other bundles and other widgets stand on the same page. */
export function uniqueId(): string {
  return `aw-${Math.random().toString(36).slice(2, 11)}`;
}

/** Only what differs is written; null takes an attribute away. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) {
      if (element.hasAttribute(name)) element.removeAttribute(name);
    } else {
      const text = value === true ? "" : String(value);
      if (element.getAttribute(name) !== text) element.setAttribute(name, text);
    }
  }
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function listen<K extends keyof HTMLElementEventMap>(
  target: EventTarget,
  type: K,
  handler: (event: HTMLElementEventMap[K]) => void,
  signal: AbortSignal,
  options: AddEventListenerOptions = {},
): void {
  target.addEventListener(type, handler as EventListener, { ...options, signal });
}

/** Run `fn` after `delay` ms unless called again, cancelled, or the signal ended. */
export function later(signal: AbortSignal): {
  start(fn: () => void, delay: number): void;
  stop(): void;
} {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  signal.addEventListener("abort", stop, { once: true });
  return {
    stop,
    start(fn, delay) {
      stop();
      if (!signal.aborted) timer = setTimeout(fn, delay);
    },
  };
}

export function watchSize(element: Element, fn: () => void, signal: AbortSignal): void {
  const observer = new ResizeObserver(fn);
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  listen(window, "resize", fn, signal); // page zoom changes the pixel ratio
  watchRatio(fn, signal);
}

/** A window that is dragged to another screen hears no resize. A query knows one ratio: each next one is asked anew. */
function watchRatio(fn: () => void, signal: AbortSignal): void {
  const changed = () => {
    fn();
    watchRatio(fn, signal);
  };
  const query = matchMedia(`(resolution: ${globalThis.devicePixelRatio || 1}dppx)`);
  query.addEventListener("change", changed, { signal, once: true });
}

/** Give a canvas this size in CSS pixels at the screen's own resolution. */
export function sizeCanvas(canvas: HTMLCanvasElement, width: number, height: number): number {
  const ratio = globalThis.devicePixelRatio || 1;
  const w = Math.round(width * ratio);
  const h = Math.round(height * ratio);
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  return ratio;
}

/**
 * To draw on. Our pictures are pixels that scripts made: a canvas in the graphics process would first be sent there
 * and, where that process is software, compile its shaders before a page is seen (400 ms of 1,000, measured).
 */
export function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives no 2D canvas");
  return context;
}
