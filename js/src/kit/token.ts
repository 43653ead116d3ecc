// A token -> how it is written so that a person sees every character of it, on its own side of its neighbours.

export interface Shown {
  /** A mark for each leading space, drawn fainter than the text. */
  readonly lead: string;
  readonly text: string;
  /** The same for spaces at the end. */
  readonly tail: string;
}

const SPACE = "\u00b7";
const ELLIPSIS = "\u2026";
/** Marks of more spaces than this say nothing more on a label. */
const MOST_MARKS = 4;

/** Drawn as nothing, or as a space that is not one: by code point, but for those that have a sign. */
const HIDDEN =
  /[\p{Default_Ignorable_Code_Point}\p{Zs}\p{Zl}\p{Zp}\p{Cc}\p{Cs}\u2800\ufff9-\ufffb]/u;
const SIGNS: Record<string, string | undefined> = {
  " ": " ",
  "\n": "\u23ce",
  "\t": "\u21e5",
  "\r": "\u240d",
  "\x7f": "\u2421",
  "\u00a0": "\u237d",
};
/** What is seen as one sign: an emoji with its joiners and selectors, or any one character. */
const SIGN =
  /(?:[#*\d]\ufe0f\u20e3|\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)*)|[\s\S]/gu;
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const codePoint = (character: string) =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;

function visible(sign: string): string {
  if (!HIDDEN.test(sign) || /^[\p{Extended_Pictographic}#*\d]/u.test(sign)) return sign;
  const code = sign.codePointAt(0)!;
  if (SIGNS[sign]) return SIGNS[sign];
  return code < 32 ? String.fromCodePoint(0x2400 + code) : `\u2039${codePoint(sign)}\u203a`;
}

function split(token: string): { lead: string; signs: string[]; tail: string } {
  const [, lead, body, tail] = /^( *)([\s\S]*?)( *)$/.exec(token)!;
  let signs: string[] = body.match(SIGN) ?? [];
  // As Python writes tokens that have no other characters.
  if (signs.length && signs.every((sign) => HIDDEN.test(sign) && /^\p{Cf}$/u.test(sign)))
    signs = [signs.map(codePoint).join(" ")];
  else signs = signs.map(visible);
  if (/^\p{M}/u.test(body) && signs[0] === body[0]) signs[0] = `\u25cc${signs[0]}`;
  if (token === "") signs = ["\u2205"];
  return { lead: SPACE.repeat(lead.length), signs, tail: SPACE.repeat(tail.length) };
}

/** At most `most` signs; an ellipsis stands in the middle where some were left out: both ends are seen. */
export function shortToken(token: string, most: number): Shown {
  const { signs, ...spaces } = split(token);
  const lead = spaces.lead.slice(0, MOST_MARKS);
  const tail = spaces.tail.slice(0, MOST_MARKS);
  const room = Math.max(1, most - lead.length - tail.length);
  if (signs.length <= room) return { lead, text: signs.join(""), tail };
  const first = Math.ceil((room - 1) / 2);
  const last = signs.slice(signs.length - (room - 1 - first));
  return { lead, text: [...signs.slice(0, first), ELLIPSIS, ...last].join(""), tail };
}

/** Does its first letter belong to a script that runs from right to left? */
export function isRtl(text: string): boolean {
  const letter = /\p{L}/u.exec(text);
  return letter !== null && RIGHT_TO_LEFT.test(letter[0]);
}

/** For attributes and announcements: one line of plain text. */
export function plainToken(token: string, most = 60): string {
  const { lead, text, tail } = shortToken(token, most);
  const written = lead + text + tail;
  return RIGHT_TO_LEFT.test(written) ? `\u2068${written}\u2069` : written;
}

/** The token as DOM, never as markup. One that could turn its neighbours around is kept apart from them. */
export function tokenNodes(token: string, most = 60): Node[] {
  const { lead, text, tail } = shortToken(token, most);
  const nodes = [marks(lead), document.createTextNode(text), marks(tail)].filter((n) => n !== null);
  if (!RIGHT_TO_LEFT.test(text)) return nodes;
  const apart = document.createElement("bdi");
  apart.append(...nodes);
  return [apart];
}

function marks(spaces: string): Node | null {
  if (!spaces) return null;
  const element = document.createElement("span");
  element.className = "aw-space";
  element.textContent = spaces;
  return element;
}
