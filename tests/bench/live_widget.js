// A heatmap with a made-up kernel that answers at once: what a notebook does, without its network.
// Data is here before `open` is called; times are of this page's own clock.
import heatmap from "/heatmap.js";

const fetched = async (name) => (await fetch(name)).arrayBuffer();
const style = document.createElement("style");
style.textContent = await (await fetch("/heatmap.css")).text();
document.head.append(style);
const state = JSON.parse(await (await fetch("/state.json")).text(), (_, value) =>
  typeof value?.base64 === "string"
    ? new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0)).buffer)
    : value,
);
const matrices = await Promise.all(state.heads.map((_, i) => fetched(`/${i}.bin`)));
const traits = state.traits;

// Bytes of its own for every head, made beforehand: nothing decoded or pooled for one serves another.
const patterns = Array.from({ length: traits.trace_info.n_heads }, (_, head) => {
  const which = head % matrices.length;
  return { ...state.heads[which], head, data: new DataView(matrices[which].slice(0)) };
});

const listeners = {};
const model = {
  get: (name) => traits[name],
  set(name, value) {
    traits[name] = value;
    for (const fn of [...(listeners[`change:${name}`] ?? [])]) fn();
  },
  on: (event, fn) => (listeners[event] ??= new Set()).add(fn),
  off: (event, fn) => listeners[event]?.delete(fn),
  save_changes() {
    const { head, pattern } = traits;
    if (pattern.head === head) return;
    // the answer comes in a task of its own, as from a socket
    setTimeout(() => pattern.head !== head && model.set("pattern", patterns[head]));
  },
  send() {},
};
traits.pattern = patterns[traits.head];

window.open_heatmap = async () => {
  const signal = new AbortController().signal;
  const el = document.getElementById("root");
  const start = performance.now();
  await heatmap.initialize({ model, signal });
  await heatmap.render({ model, el, signal });
  return new Promise((resolve) => {
    const look = () => {
      if (document.querySelector(".aw-heatmap-canvas[data-key]")) {
        requestAnimationFrame(() => resolve(performance.now() - start));
      } else requestAnimationFrame(look);
    };
    look();
  });
};
window.ready = true;
