// Patterns this browser already has: a cache by bytes, oldest use out first, and an archive that stays.

import { ByteCache } from "../kit/byte_cache.ts";
import type { Pattern, ShownAs } from "../pattern/pattern.ts";
import type { WirePattern } from "../pattern/wire.ts";
import { decodePattern, keyOfWire } from "../pattern/wire.ts";
import { inWords, type Starts } from "../pattern/words.ts";

/** A page holds patterns between tokens; those between words are made of them. The names are of traces. */
export interface PageWords {
  readonly tokens: string;
  readonly words: string;
  readonly starts: Starts;
}

export class PatternStore {
  readonly #patterns: ByteCache<Pattern>;
  readonly #archive = new Map<string, WirePattern>();
  /** What the trait holds. */
  #held: WirePattern | null = null;
  readonly #words: PageWords | null;

  constructor(limit = 64 * 2 ** 20, words: PageWords | null = null) {
    this.#patterns = new ByteCache(limit, ({ codes }) => codes.byteLength);
    this.#words = words;
  }

  get bytes(): number {
    return this.#patterns.bytes;
  }

  has(key: string): boolean {
    if (this.#patterns.has(key) || this.#wire(key) !== undefined) return true;
    const tokens = this.#tokensOf(key);
    return tokens !== null && this.get(tokens)?.block === 1;
  }

  get(key: string): Pattern | null {
    const found = this.#patterns.get(key);
    if (found) return found;
    const wire = this.#wire(key);
    const pattern = wire ? decodePattern(wire) : this.#added(key);
    if (pattern) this.add(pattern);
    return pattern;
  }

  /** The pattern between words of one between tokens that is here. */
  #added(key: string): Pattern | null {
    const tokens = this.#tokensOf(key);
    const pattern = tokens === null ? null : this.get(tokens);
    // words are sums over tokens, and maxima of blocks add up to nothing
    return pattern?.block === 1 ? inWords(pattern, this.#words!.starts, key) : null;
  }

  #tokensOf(key: string): string | null {
    const { words, tokens } = this.#words ?? { words: "", tokens: "" };
    const head = key.slice(words.length);
    return words !== "" && key.startsWith(words) && head.startsWith("/") ? tokens + head : null;
  }

  add(pattern: Pattern): void {
    this.#patterns.add(pattern.id, pattern);
  }

  /** The key under which this picture of a head is here: a pooled pattern has one for each way of pooling. */
  keyFor(key: string, shownAs: ShownAs): string | null {
    const pooled = `${key}/${shownAs}`;
    if (shownAs !== "linear" && this.has(pooled)) return pooled;
    const whole = shownAs === "linear" || (this.has(key) && this.get(key)?.block === 1);
    return whole && this.has(key) ? key : null;
  }

  /** Take what the traits hold now: Python does not send again what they still hold. */
  take(pattern: WirePattern | null, archive: WirePattern[] | null): void {
    for (const wire of archive ?? []) this.#archive.set(keyOfWire(wire), wire);
    this.#held = null;
    if (!pattern?.data) return;
    this.add(decodePattern(pattern));
    this.#held = pattern;
  }

  /** What can be had once the cache dropped it. */
  #wire(key: string): WirePattern | undefined {
    const held = this.#held && keyOfWire(this.#held) === key ? this.#held : undefined;
    return held ?? this.#archive.get(key);
  }
}
