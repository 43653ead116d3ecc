// Runs in the page before anything else: what happens between a key and the canvas that shows the head it chose.
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
  window.addEventListener(
    "keydown",
    ({ timeStamp, key }) => {
      if (!key.startsWith("Arrow")) return;
      now = { key: timeStamp, handled: performance.now(), out: [], in: [] };
      window.switches.push(now);
    },
    true,
  );
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
