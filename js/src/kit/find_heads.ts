// Typed text -> the heads it may mean, the likeliest first.

const plain = (text: string) => text.toLowerCase().replace(/[\s_]+/g, "");

/** "5.1", "5 1" and "5,1" mean L5H1. */
function spelled(text: string): string {
  const [, layer, head] = /^\s*(\d+)\s*[.,:\s]\s*(\d+)\s*$/.exec(text) ?? [];
  return layer === undefined ? plain(text) : `l${layer}h${head}`;
}

/** Names that are the text, then those that start with it, by themselves or after their model's name. */
export function matches(names: readonly string[], text: string, most: number): number[] {
  const wanted = spelled(text);
  if (wanted === "") return [];
  const exact: number[] = [];
  const starting: number[] = [];
  for (let i = 0; i < names.length; i++) {
    const name = plain(names[i]);
    const own = name.slice(name.lastIndexOf(":") + 1);
    if (name === wanted || own === wanted) exact.push(i);
    else if (name.startsWith(wanted) || own.startsWith(wanted)) starting.push(i);
    if (exact.length >= most) break;
  }
  return [...exact, ...starting].slice(0, most);
}
