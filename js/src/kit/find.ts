// Tokens and what is typed -> where it stands in the text that they make, as tokens.

export interface Match {
  /** The first token, and the last one. */
  readonly from: number;
  readonly to: number;
}

interface Text {
  readonly text: string;
  /** Where each token begins in it. */
  readonly starts: Uint32Array;
}

function joined(tokens: readonly string[], between: string): Text {
  const starts = new Uint32Array(tokens.length);
  let length = 0;
  for (let i = 0; i < tokens.length; i++) {
    starts[i] = length;
    length += tokens[i].length + between.length;
  }
  return { text: tokens.join(between), starts };
}

/** The last token that begins at or before `at`. Empty ones are passed over. */
function tokenAt(starts: Uint32Array, at: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (starts[middle] <= at) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * `between` stands between two tokens of the text. What is found: a position that is typed as a number, then all
 * places of the text. Capitals matter where one is typed.
 */
export function finder(tokens: readonly string[], between = ""): (wanted: string) => Match[] {
  let exact: Text | null = null;
  let lower: Text | null = null;
  return (wanted) => {
    const found: Match[] = [];
    if (wanted.trim() === "") return found;
    if (/^\s*\d+\s*$/.test(wanted) && Number(wanted) < tokens.length) {
      found.push({ from: Number(wanted), to: Number(wanted) });
    }
    const anyCase = wanted === wanted.toLowerCase();
    // each token by itself: a few letters become longer in lower case
    if (anyCase)
      lower ??= joined(
        tokens.map((token) => token.toLowerCase()),
        between,
      );
    else exact ??= joined(tokens, between);
    const { text, starts } = (anyCase ? lower : exact)!;
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      found.push({ from: tokenAt(starts, at), to: tokenAt(starts, at + wanted.length - 1) });
    }
    return found;
  };
}
