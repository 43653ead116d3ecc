// How strongly queries look at their strongest key -> bars from 0 to 1.
import { make, setText } from "../kit/dom.ts";
import { bars } from "./bars.ts";
import { short } from "./numbers.ts";
import type { DossierProps } from "./props.ts";
import { section } from "./section.ts";

/** The weight that half of the cells stay below, from bins of [0, 1]. */
export function middleOf(counts: Uint32Array): number | null {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total === 0) return null;
  let below = 0;
  for (let i = 0; i < counts.length; i++) {
    if (below + counts[i] >= total / 2)
      return (i + (total / 2 - below) / counts[i]) / counts.length;
    below += counts[i];
  }
  return 1;
}

export function strengthsView(parent: Element): (props: DossierProps) => void {
  const { element, hint, body } = section("aw-strengths", "Weight of the strongest key");
  parent.append(element);
  let shown: Uint32Array | null = null;
  return ({ page }) => {
    if (!page || page.strengths === shown) return;
    shown = page.strengths;
    const total = shown.reduce((sum, n) => sum + n, 0);
    const middle = middleOf(shown);
    setText(
      hint,
      `of ${total.toLocaleString("en")} queries, the first token aside; half are below ${short(middle)}`,
    );
    const ends = make("div", "aw-bars-ends", { "aria-hidden": "true" });
    ends.append(...["0", "0.5", "1"].map((text) => make("span", "", {}, text)));
    body.replaceChildren(bars(shown, middle), ends);
  };
}
