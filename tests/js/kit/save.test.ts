import { csvOf, tabbed } from "../../../js/src/kit/save.ts";

const TABLE = [
  ["query", 'a "b", c'],
  [0, "line\nbreak"],
  [1, null],
];

describe("tables", () => {
  it("are CSV that holds any token", () => {
    expect(csvOf(TABLE)).toBe('query,"a ""b"", c"\r\n0,"line\nbreak"\r\n1,\r\n');
  });

  it("have a cell a column on the clipboard, whatever the tokens", () => {
    expect(
      tabbed([
        ["a\tb", "c\nd"],
        [1, null],
      ]),
    ).toBe("a\u21e5b\tc\u23ced\n1\t");
  });
});
