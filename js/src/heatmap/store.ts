// Patterns this browser already has: a cache by bytes, oldest use out first, and an archive that stays.

import type { Pattern } from "../pattern/pattern.ts";
import type { WirePattern } from "../pattern/traits.ts";
import { decodePattern, keyOfWire } from "../pattern/wire.ts";

export class PatternStore {
  readonly #patterns = new Map<string, Pattern>(); // in order of last use
  readonly #archive = new Map<string, WirePattern>();
  readonly #limit: number;
  #bytes = 0;
  #lastWire: WirePattern | null = null;
  #lastArchive: WirePattern[] | null = null;

  constructor(limit = 64 * 2 ** 20) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(key: string): boolean {
    return this.#patterns.has(key) || this.#archive.has(key);
  }

  get(key: string): Pattern | null {
    const found = this.#patterns.get(key);
    if (found) {
      this.#patterns.delete(key);
      this.#patterns.set(key, found);
      return found;
    }
    const wire = this.#archive.get(key);
    if (!wire) return null;
    const pattern = decodePattern(wire);
    this.add(pattern);
    return pattern;
  }

  add(pattern: Pattern): void {
    const old = this.#patterns.get(pattern.id);
    if (old) {
      this.#patterns.delete(pattern.id);
      this.#bytes -= old.codes.byteLength;
    }
    this.#patterns.set(pattern.id, pattern);
    this.#bytes += pattern.codes.byteLength;
    for (const [key, oldest] of this.#patterns) {
      if (this.#bytes <= this.#limit || key === pattern.id) break;
      this.#patterns.delete(key);
      this.#bytes -= oldest.codes.byteLength;
    }
  }

  /** Take what the traits hold now. Safe to call again with the same objects. */
  take(pattern: WirePattern | null, archive: WirePattern[] | null): void {
    if (archive && archive !== this.#lastArchive) {
      this.#lastArchive = archive;
      for (const wire of archive) this.#archive.set(keyOfWire(wire), wire);
    }
    // Python does not send again what the trait still holds, so take it again once the cache dropped it.
    if (pattern?.data && (pattern !== this.#lastWire || !this.has(keyOfWire(pattern)))) {
      this.#lastWire = pattern;
      this.add(decodePattern(pattern));
    }
  }
}
