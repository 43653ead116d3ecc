// A function of values -> the same, computed again only when one of them became another.
export function memo<Inputs extends readonly unknown[], Result>(
  compute: (...inputs: Inputs) => Result,
): (...inputs: Inputs) => Result {
  let last: { inputs: Inputs; result: Result } | null = null;
  return (...inputs) => {
    if (!last || inputs.some((input, i) => !Object.is(input, last?.inputs[i]))) {
      last = { inputs, result: compute(...inputs) };
    }
    return last.result;
  };
}
