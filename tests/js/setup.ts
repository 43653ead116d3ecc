// What happy-dom lacks: a 2D canvas that accepts every call and keeps image data.
class FakeContext {
  canvas: HTMLCanvasElement;
  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
  }
  measureText = (text: string) => ({ width: text.length * 6 });
  createImageData = (width: number, height: number) => ({
    width,
    height,
    data: new Uint8ClampedArray(width * height * 4),
  });
}

const ignored = () => {};

HTMLCanvasElement.prototype.getContext = function getContext(
  this: HTMLCanvasElement,
  kind: string,
) {
  if (kind !== "2d") return null;
  return new Proxy(new FakeContext(this), {
    get: (context, name) => Reflect.get(context, name) ?? ignored,
    set: () => true,
  });
} as never;

afterEach(() => {
  globalThis.__attn_widgets_frames_1__ = undefined; // a test may have taken its frames away
  document.body.replaceChildren();
});
