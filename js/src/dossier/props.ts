// What a head's page shows, and what it asks for.
import type { Palette } from "../kit/names.ts";
import type { Thumbs } from "../pattern/thumbs.ts";

/** A score of all heads, or a text of each. */
export interface Column {
  readonly name: string;
  readonly label: string;
  /** What it is, in words; "" where nobody said. */
  readonly about: string;
  /** "" for none. */
  readonly color: string;
  /** The score that it is derived from. */
  readonly of: string | null;
  /** [head]; NaN where there is none; null: a column of texts. */
  readonly values: Float32Array | null;
  readonly texts: readonly string[];
  /** [head], positions in `texts`. */
  readonly codes: Uint16Array | null;
}

/** All heads of an atlas, in its order. */
export interface HeadTable {
  readonly names: readonly string[];
  readonly models: readonly string[];
  /** [head], positions in `models`. */
  readonly model: Uint16Array;
  readonly layer: Uint16Array;
  readonly head: Uint16Array;
  readonly columns: readonly Column[];
  /** Name -> where it is. */
  readonly indices: ReadonlyMap<string, number>;
}

/** A run of tokens of a passage. */
export interface Part {
  readonly start: number;
  readonly tokens: readonly string[];
}

export type By = "decile" | "top" | "random";

export interface Example {
  readonly passage: string;
  readonly kind: string;
  readonly query: number;
  /** The one that gets most, the first token aside. */
  readonly key: number;
  readonly weight: number;
  /** 1 to 10, the strongest. */
  readonly decile: number;
  readonly nTokens: number;
  readonly parts: readonly Part[];
  /** [key]: what all keys get; null: only that of `key` is known. */
  readonly weights: Float32Array | null;
}

export interface Motif {
  readonly label: string;
  readonly color: string;
  readonly about: string;
  readonly rule: string;
  readonly score: number | null;
  readonly std: number | null;
  readonly lift: number | null;
  readonly bits: number | null;
}

export interface Paper {
  readonly title: string;
  readonly url: string;
  readonly note: string;
}

export interface Near {
  readonly name: string;
  readonly distance: number;
  /** Of the same model. */
  readonly here: boolean;
}

export interface HeadPage {
  readonly name: string;
  readonly model: string;
  readonly layer: number;
  readonly head: number;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly nPassages: number;
  readonly depth: number;
  readonly motif: Motif | null;
  readonly classes: readonly { readonly name: string; readonly papers: readonly Paper[] }[];
  readonly examples: Readonly<Record<By, readonly Example[]>>;
  readonly scores: {
    readonly names: readonly string[];
    readonly labels: readonly string[];
    /** Over the passages; NaN where there is none. */
    readonly std: Float32Array;
    readonly kinds: readonly string[];
    readonly nPassages: readonly number[];
    /** [kind, score] */
    readonly byKind: Float32Array;
  };
  /** How many queries give their strongest key a weight of each bin of [0, 1]. */
  readonly strengths: Uint32Array;
  readonly nearest: readonly Near[];
  /** Why there is none; "" where there is. */
  readonly nearestMissing: string;
  /** Mean patterns between the first words: of this head, then of the nearest. */
  readonly pictures: Thumbs;
  /** What the largest code of each stands for. */
  readonly peaks: readonly number[];
  readonly nWords: number;
}

/** What came of opening an example. */
export interface Opening {
  readonly passage: string;
  readonly query: number;
  readonly key: number;
  readonly text: string;
}

export interface DossierProps {
  readonly table: HeadTable | null;
  readonly page: HeadPage | null;
  /** The page of another head is on its way. */
  readonly waiting: boolean;
  /** What is walked through; empty: all heads of the model. */
  readonly heads: readonly string[];
  readonly by: By;
  /** Whether there is a page of this head. */
  readonly here: (name: string) => boolean;
  readonly canGoBack: boolean;
  /** Examples open elsewhere. */
  readonly openable: boolean;
  readonly opening: Opening | null;
  readonly palette: Palette;
  readonly busy: boolean;
  readonly progress: number;
  readonly error: string;
  readonly notice: string;
}

export interface DossierEvents {
  choose(name: string): void;
  by(by: By): void;
  open(example: Example): void;
  back(): void;
}
