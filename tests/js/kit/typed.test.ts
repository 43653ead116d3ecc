// What is typed into a field is never lost, whatever Python answers.
import { typedText } from "../../../js/src/kit/typed.ts";

function saved() {
  const field = { value: "" };
  const typed = typedText(field);
  typed.take("the cat", "");
  const type = (text: string) => {
    field.value = text;
    typed.trying();
    typed.take(text, "");
  };
  return { field, typed, type };
}

it("a value that arrives replaces the text, but not one that somebody is editing", () => {
  const { field, typed } = saved();
  expect(field.value).toBe("the cat");
  field.value = "the cat s";
  typed.take("the dog", "");
  expect(field.value).toBe("the cat s");
  expect(typed.differs()).toBe(true);
  typed.undo();
  expect(field.value).toBe("the dog");
});

it.each(["together", "error last"])("a refused text stays: value and error come %s", (how) => {
  const { field, typed, type } = saved();
  type("zzyzx");
  if (how === "error last") typed.take("the cat", "");
  typed.take("the cat", "no such word");
  expect(field.value).toBe("zzyzx");
  expect(typed.differs()).toBe(true);
  typed.undo();
  typed.take("the cat", "no such word");
  expect(field.value).toBe("the cat");
});

it("a text that was taken does not come back with a later error", () => {
  const { field, typed, type } = saved();
  type("the dog");
  typed.take("a bird", "");
  typed.take("the cat", "out of memory");
  expect(field.value).toBe("the cat");
});
