// What a reader of a freeze panel can set, and what of it makes Python compute.
import type { Align } from "./token_chips.ts";

export interface Settings {
  /** The switch: patterns are held. */
  frozen: boolean;
  /** The heads whose patterns are held, as "L0H3"; null: all of them. */
  heads: string[] | null;
  /** Norm scales and MLP outputs held too. */
  norms: boolean;
  mlps: boolean;
  /** Heads whose output is set to zero, as "L0H3". */
  knocked_out: string[];
  /** The output token that effects and attribution speak about; "": the baseline's top token. */
  target: string;
  /** Its rival for a logit difference; "": none. */
  versus: string;
  /** Tokens to be among the bars, as typed. */
  watched: string[];
}

/** Settings that make Python compute, and nothing else. */
export interface Changes extends Partial<Omit<Settings, "frozen">> {
  /** Token ids of the edited prompt. */
  ids?: number[];
  prompt?: string;
  align?: Align;
  /** Single tokens are wanted that start with `text`. */
  asked?: { position: number; text: string };
  /** The query after which the next token is looked at; -1: the last. */
  position?: number;
}
