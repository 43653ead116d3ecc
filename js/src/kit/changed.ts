// Two props of one view -> whether nothing but one of them became another.

/** What follows the pointer has no time for all that does not. */
export function changedOnly<P extends object>(before: P | null, now: P, key: keyof P): boolean {
  if (!before || before[key] === now[key]) return false;
  const keys = Object.keys({ ...before, ...now }) as (keyof P)[];
  return keys.every((name) => name === key || before[name] === now[name]);
}
