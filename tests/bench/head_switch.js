// Runs in the page before anything else: what happens between a key, or a click on a
// grid, and the canvas that shows the head it chose.
// Times are of the page's clock; `head_switch.py` reads `window.switches`.
(() => {
  const Original = window.WebSocket;
  let now = null;
  window.switches = [];
  const size = (data) => data.byteLength ?? data.length ?? data.size;
  window.WebSocket = class extends Original {
    constructor(...args) {
      super(...args);
      // before the page's own listeners
      this.addEventListener("message", ({ data }) => {
        now?.in.push([performance.now(), size(data)]);
      });
    }
    send(data) {
      now?.out.push([performance.now(), size(data)]);
      super.send(data);
    }
  };
  const begin = ({ timeStamp }) => {
    now = { key: timeStamp, handled: performance.now(), out: [], in: [] };
    window.switches.push(now);
  };
  window.addEventListener("keydown", (event) => event.key.startsWith("Arrow") && begin(event), true);
  window.addEventListener("click", (event) => event.target.closest(".aw-sheet") && begin(event), true);
  // the frame that draws it, and then the first task after that frame was painted
  const after = new MessageChannel();
  after.port1.onmessage = () => {
    if (now) now.painted ??= performance.now();
  };
  window.watchCanvas = (canvas) =>
    new MutationObserver(() => {
      if (!now || now.drawn) return;
      now.drawn = performance.now();
      now.shows = canvas.dataset.key;
      after.port2.postMessage(null);
    }).observe(canvas, { attributeFilter: ["data-key"] });
})();
