// Which heads a click, a lasso or a search selects.

/** Ctrl or Cmd and a click: in or out. */
export function toggled(selection: readonly string[], name: string): string[] {
  return selection.includes(name) ? selection.filter((one) => one !== name) : [...selection, name];
}

/** Each head once, in the order found; `more` adds them to what is selected. */
export function gathered(
  selection: readonly string[],
  names: Iterable<string>,
  more: boolean,
): string[] {
  return [...new Set([...(more ? selection : []), ...names])];
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
