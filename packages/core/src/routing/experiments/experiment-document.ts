import type { Experiment } from './experiment.js';
import { type ExperimentState, newExperimentState } from './experiment-state.js';
import { formatMarks, parseMarks } from './subject-marks.js';

/** The state of an experiment as plain JSON. */
export interface ExperimentJson extends Omit<ExperimentState, 'marks'> {
  /** Base64. */
  readonly marks: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value is made like a template: numbers where it has numbers, and lists as long as its own. */
const fits = (value: unknown, template: unknown): boolean => {
  if (typeof template === 'number') return Number.isFinite(value);
  if (Array.isArray(template)) {
    if (!Array.isArray(value) || !value.every(Number.isFinite)) return false;
    return template.length === 0 || template.length === value.length;
  }
  if (!isObject(template)) return true;
  return isObject(value) && Object.entries(template).every(([key, part]) => fits(value[key], part));
};

/** A state from parsed JSON; undefined when it is not one of this experiment. */
export const parseState = (json: unknown, experiment: Experiment): ExperimentState | undefined => {
  const { decision, marks: _, ...template } = newExperimentState(experiment);
  if (!isObject(json) || !fits(json, template)) return undefined;
  const state = json as unknown as ExperimentJson;
  const { arms, comparison, rails } = state;
  return { decision: state.decision ?? decision, arms, comparison, rails, marks: parseMarks(state.marks) };
};

/** A state as plain JSON. Shares what it is made of with the state. */
export const formatState = ({ marks, ...state }: ExperimentState): ExperimentJson => ({
  ...state,
  marks: formatMarks(marks),
});
