// A key press on a focused plot -> what it asks for; null where the page keeps the key.

export type Action =
  | { do: "head"; by: number }
  | { do: "layer"; by: number }
  | { do: "move"; down: number; right: number }
  | { do: "lock" }
  | { do: "unlock" }
  | { do: "zoom"; by: number }
  | { do: "fit" };

type Press = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

export function actionOf(event: Press): Action | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const arrow = ARROWS[event.key];
  if (arrow) {
    const [down, right] = arrow;
    if (event.shiftKey) return { do: "move", down, right };
    return right ? { do: "head", by: right } : { do: "layer", by: down };
  }
  switch (event.key) {
    case "Enter":
    case " ":
      return { do: "lock" };
    case "Escape":
      return { do: "unlock" };
    case "+":
    case "=":
      return { do: "zoom", by: 1.5 };
    case "-":
    case "_":
      return { do: "zoom", by: 1 / 1.5 };
    case "0":
      return { do: "fit" };
    default:
      return null;
  }
}

const ARROWS: Record<string, [number, number] | undefined> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
