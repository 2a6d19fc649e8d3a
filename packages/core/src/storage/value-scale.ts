// The steps of the logarithmic scale. Only divisions by powers of two and whole parts are used, so that JavaScript and
// every database put a value into the same step.

const STEPS = 32;
const OCTAVES = 31;
const LAST = STEPS * (OCTAVES + 1) - 1;

/** How many steps there are. */
export const SCALE_STEPS: number = LAST + 1;

/** The step that a value is in. */
export const scaleStep = (value: number): number => {
  if (!(value > 0)) return 0;
  if (value < 1) return Math.floor(value * STEPS);
  if (value >= 2 ** OCTAVES) return LAST;
  const octave = 31 - Math.clz32(Math.floor(value));
  return STEPS * (octave + 1) + Math.floor((value / (1 << octave) - 1) * STEPS);
};

/** The middle of a step. */
export const scaleMiddle = (step: number): number => {
  const octave = Math.floor(step / STEPS) - 1;
  const within = (step % STEPS) + 0.5;
  return octave < 0 ? within / STEPS : 2 ** octave * (1 + within / STEPS);
};

/**
 * The step of a column's value as SQL; null where that is null.
 *
 * @param floor - the whole part of an expression that is not negative
 */
export const scaleStepSql = (column: string, floor: (expression: string) => string): string => {
  const octaves = (low: number, high: number): string => {
    if (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      return `CASE WHEN ${column} < ${2 ** middle} THEN ${octaves(low, middle)} ELSE ${octaves(middle, high)} END`;
    }
    return `${STEPS * (low + 1)} + ${floor(`(${column} / ${2 ** low}.0 - 1) * ${STEPS}`)}`;
  };
  const step = `CASE WHEN ${column} <= 0 THEN 0 WHEN ${column} < 1 THEN ${floor(`${column} * ${STEPS}`)} WHEN ${column} >= ${2 ** OCTAVES} THEN ${LAST} ELSE ${octaves(0, OCTAVES)} END`;
  return `CAST(CASE WHEN ${column} IS NULL THEN NULL ELSE ${step} END AS BIGINT)`;
};
