// Things of many bytes by name -> those used last, within a number of bytes.

export class ByteCache<V> {
  readonly #all = new Map<string, V>(); // in order of last use
  readonly #limit: number;
  readonly #sizeOf: (value: V) => number;
  #bytes = 0;

  constructor(limit: number, sizeOf: (value: V) => number) {
    this.#limit = limit;
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(name: string): boolean {
    return this.#all.has(name);
  }

  /** Getting is using. */
  get(name: string): V | null {
    const found = this.#all.get(name);
    if (found === undefined) return null;
    this.#all.delete(name);
    this.#all.set(name, found);
    return found;
  }

  /** The one added stays, however large it is. */
  add(name: string, value: V): void {
    this.#drop(name);
    this.#all.set(name, value);
    this.#bytes += this.#sizeOf(value);
    for (const oldest of this.#all.keys()) {
      if (this.#bytes <= this.#limit || oldest === name) break;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    const old = this.#all.get(name);
    if (old === undefined) return;
    this.#all.delete(name);
    this.#bytes -= this.#sizeOf(old);
  }
}
