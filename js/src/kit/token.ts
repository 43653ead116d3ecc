// A token -> how it is written so that a person sees every character of it.

export interface Shown {
  /** A mark for each leading space, drawn fainter than the text. */
  readonly lead: string;
  readonly text: string;
}

const SPACE = "\u00b7";

function visible(character: string): string {
  if (character === "\n") return "\u23ce";
  if (character === "\t") return "\u21e5";
  if (character === "\r") return "\u240d";
  const code = character.codePointAt(0)!;
  if (code < 32) return String.fromCodePoint(0x2400 + code);
  if (code === 127) return "\u2421";
  if (code === 0xa0) return "\u237d";
  return character;
}

export function showToken(token: string): Shown {
  const spaces = token.length - token.replace(/^ +/, "").length;
  const lead = SPACE.repeat(spaces);
  const text = Array.from(token.slice(spaces), visible).join("");
  return token === "" ? { lead: "", text: "\u2205" } : { lead, text };
}

/** At most `most` characters, the last one an ellipsis where some were left out. */
export function shortToken(token: string, most: number): Shown {
  const { lead, text } = showToken(token);
  const shortLead = Array.from(lead).slice(0, 4).join("");
  const characters = Array.from(text);
  const room = Math.max(1, most - shortLead.length);
  if (characters.length <= room) return { lead: shortLead, text };
  return { lead: shortLead, text: `${characters.slice(0, room - 1).join("")}\u2026` };
}

/** For attributes and announcements: one line of plain text. */
export function plainToken(token: string, most = 60): string {
  const { lead, text } = shortToken(token, most);
  return lead + text;
}

/** The token as DOM, never as markup. */
export function tokenNodes(token: string, most = 60): Node[] {
  const { lead, text } = shortToken(token, most);
  const nodes: Node[] = [];
  if (lead) {
    const mark = document.createElement("span");
    mark.className = "aw-space";
    mark.textContent = lead;
    nodes.push(mark);
  }
  nodes.push(document.createTextNode(text));
  return nodes;
}
