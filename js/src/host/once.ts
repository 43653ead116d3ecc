// Values as they were sent -> what they mean: decoded once for each of them, and the last good one stays.
export interface Once<Sent extends readonly unknown[], Result> {
  of(...sent: Sent): Result | null;
  /** What went wrong with the last ones; "" where nothing did. */
  failure(): string;
}

/** What `decode` knows nothing of yet is `undefined`, and changes nothing. */
export function once<Sent extends readonly unknown[], Result>(
  what: string,
  decode: (...sent: Sent) => Result | null | undefined,
): Once<Sent, Result> {
  let last: Sent | null = null;
  let good: Result | null = null;
  let failed = "";
  return {
    of(...sent) {
      if (last && sent.every((value, i) => Object.is(value, last![i]))) return good;
      last = sent;
      failed = "";
      try {
        const next = decode(...sent);
        if (next !== undefined) good = next;
      } catch (error) {
        failed = `The ${what} could not be read: ${error instanceof Error ? error.message : error}`;
      }
      return good;
    },
    failure: () => failed,
  };
}
