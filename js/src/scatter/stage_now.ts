// What the stage shows at this moment and how it is looked at: placed, painted and pointed at in files of their own.
import { type CloudMaker, cloudMaker, type PointsShown } from "./cloud.ts";
import type { Marks } from "./marks.ts";
import type { Axis } from "./placing.ts";
import { type Rotation, START } from "./rotation.ts";
import { type Cloud, type Screen, type Spot, scaling } from "./screen.ts";

export interface StageProps extends PointsShown {
  readonly marks: Omit<Marks, "lasso" | "rotation" | "ruled">;
  /** Where points are when none moves: what is enlarged stays so while this does. */
  readonly atRest: readonly Float32Array[];
  /** Axes that have values; null: there are none. */
  readonly ruled: readonly [Axis, Axis] | null;
  readonly lassoing: boolean;
  readonly label: string;
}

export interface StageNow {
  props: StageProps | null;
  marks: StageProps["marks"] | null;
  screen: Screen;
  rotation: Rotation;
  turning: boolean;
  lasso: readonly Spot[];
  readonly maker: CloudMaker;
}

/** The buttons in the corner are this high, in pixels. */
const TOOLS = 34;

export function nothingYet(): StageNow {
  return {
    props: null,
    marks: null,
    screen: { width: 0, height: 0, k: 1, x: 0, y: 0, reach: [1, 1], top: TOOLS },
    rotation: START,
    turning: false,
    lasso: [],
    maker: cloudMaker(),
  };
}

export function cloudOf({ maker, rotation }: StageNow, props: StageProps): Cloud {
  return maker.cloud(props, rotation);
}

/** Pixels a unit of the plane takes before the zoom. */
export function unzoomed({ screen }: StageNow): number {
  return scaling({ ...screen, k: 1 });
}
