/** Counts steps of the scale by groups. */
export interface StepTable {
  /** Counts one more for each of some pairs of group and step; groups are below `size`. */
  add(groups: Uint32Array, steps: Uint32Array, length: number, size: number): void;
  /** The step that a percentile is in; NaN where there is no value. To be asked when all are added. */
  percentile(group: number, thousandths: number): number;
}

/** One that can be taken apart. */
export interface DenseStepTable extends StepTable {
  /** Calls back for each pair that has been counted. */
  each(visit: (group: number, step: number, count: number) => void): void;
}
