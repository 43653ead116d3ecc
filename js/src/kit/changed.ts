// Two props of one view -> whether nothing else but some of them became another.

/** What follows the pointer has no time for all that does not. */
export function changedOnly<P extends object>(before: P | null, now: P, key: keyof P): boolean {
  return before?.[key] !== now[key] && sameBut(before, now, key);
}

/** Whether nothing became another but, perhaps, some of these. */
export function sameBut<P extends object>(before: P | null, now: P, ...but: (keyof P)[]): boolean {
  if (!before) return false;
  const keys = Object.keys({ ...before, ...now }) as (keyof P)[];
  return keys.every((name) => but.includes(name) || before[name] === now[name]);
}
