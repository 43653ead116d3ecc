// A text field and the value that Python holds -> what stands in the field: what was typed is never lost.

export interface Typed {
  /** What is typed is not what is saved. */
  differs(): boolean;
  /** To be called before it is saved. */
  trying(): void;
  /** Back to what is saved. */
  undo(): void;
  /** A value that arrives replaces the text, unless someone is in the middle of editing it. */
  take(value: string, error: string, editing?: boolean): void;
}

export function typedText(field: { value: string }): Typed {
  let saved = "";
  /** Saved last from here, while nobody knows whether it is taken. */
  let tried: { text: string; before: string } | null = null;
  return {
    differs: () => field.value !== saved,
    trying() {
      tried = { text: field.value, before: saved };
    },
    undo() {
      field.value = saved;
      tried = null;
    },
    take(value, error, editing = true) {
      if (value !== saved) {
        if (field.value === saved || !editing || field.value === "") field.value = value;
        if (tried && value !== tried.text && value !== tried.before) tried = null;
        saved = value;
      }
      // Refused: the value is the one before again, and the text stays to be corrected.
      if (!tried || error === "" || value !== tried.before) return;
      if (field.value === value) field.value = tried.text;
      tried = null;
    },
  };
}
