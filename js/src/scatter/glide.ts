// Where painting takes much longer than a frame, the picture that is there moves along and is painted when it rests.
import { atRest } from "../kit/rest.ts";
import type { Screen } from "./screen.ts";

export interface Glide {
  /** Show this part of the plane. */
  view(screen: Screen): void;
  /** A picture has been painted: what was asked for last is there. */
  painted(): void;
}

/** From a picture to the second frame after it, in milliseconds; it is 67 on a display of 30 frames a second. */
const SLOW = 75;
/** A slow picture, or a quick one, may be the doing of something else: the median of so many decides. */
const JUDGED_BY = 3;

export function glide(
  picture: HTMLElement,
  paint: (screen: Screen) => void,
  signal: AbortSignal,
): Glide {
  let wanted: Screen | null = null;
  let asked: Screen | null = null;
  let shown: Screen | null = null;
  let times: number[] = [];

  const isSlow = () => times.filter((time) => time > SLOW).length > JUDGED_BY / 2;

  function ask(screen: Screen): void {
    asked = screen;
    paint(screen);
  }

  function move(): void {
    const transform = wanted && shown ? between(shown, wanted) : "";
    if (picture.style.transform !== transform) picture.style.transform = transform;
  }

  const askAtRest = atRest(() => {
    if (wanted && wanted !== asked) ask(wanted);
  }, signal);

  function time(): void {
    const start = performance.now();
    const end = () => {
      times = [performance.now() - start, ...times].slice(0, JUDGED_BY);
    };
    requestAnimationFrame(() => requestAnimationFrame(end));
  }

  return {
    view(screen) {
      wanted = screen;
      if (!shown || !isSlow() || !sameRoom(shown, screen)) {
        ask(screen);
        return;
      }
      move();
      askAtRest();
    },
    painted() {
      if (shown && shown !== asked) time();
      shown = asked;
      move();
    },
  };
}

function sameRoom(one: Screen, other: Screen): boolean {
  return (
    one.width === other.width &&
    one.height === other.height &&
    one.reach === other.reach &&
    one.ruled === other.ruled
  );
}

/** What brings each point of one view to its place in another. */
function between(from: Screen, to: Screen): string {
  const scale = to.k / from.k;
  const [x, y] = [to.x - scale * from.x, to.y - scale * from.y];
  return scale === 1 && x === 0 && y === 0 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
}
