// Numbers that say which way they go.
import { formatValue } from "../pattern/scale.ts";

export function signed(value: number): string {
  const sign = value > 0 ? "+" : value < 0 ? "\u2212" : "";
  return sign + formatValue(Math.abs(value));
}
