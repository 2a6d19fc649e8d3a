import { type ArmDealer, armDealer } from './assign-arm.js';
import type { Experiment } from './experiment.js';
import type { ExperimentOutcome } from './experiment-outcome.js';
import { type ExperimentState, newExperimentState, takeOutcome } from './experiment-state.js';
import { fingerprint } from './keyed-hash.js';
import {
  type SharedExperiment,
  type SharedExperimentOptions,
  sharedExperiment,
} from './shared-experiment.js';

/** An experiment in this process. */
export interface ExperimentRun {
  /** What may be changed while it runs is changed here. */
  experiment: Experiment;
  /** Names everything that may not be changed while it runs. */
  readonly name: string;
  readonly dealer: ArmDealer;
  readonly state: () => ExperimentState;
  take(outcome: ExperimentOutcome): void;
  /** Put a state in the place of the one that is known. */
  replace(state: ExperimentState): void;
  /** Write what is new and read what others wrote, where it is shared. */
  exchange(): Promise<void>;
}

/** How an experiment is run. */
export interface ExperimentRunOptions {
  readonly experiment: Experiment;
  readonly shared: (Omit<SharedExperimentOptions, 'key'> & { readonly prefix: string }) | undefined;
  readonly clock: () => number;
  /** Told once, when the experiment is decided while this process takes part. */
  readonly onDecision: (run: ExperimentRun) => void;
}

/** What results are about: experiments that differ in it are different ones. */
export const experimentName = (experiment: Experiment): string => {
  const { id, categories, control, challenger, alpha, guardAlpha, guardRails, unit } = experiment;
  return fingerprint([
    1,
    id,
    categories ?? null,
    control.targets,
    challenger.targets,
    alpha ?? null,
    guardAlpha ?? null,
    [guardRails?.errorRate ?? null, guardRails?.p95LatencyMs ?? null, guardRails?.costUsdPerCall ?? null],
    unit ?? null,
  ]);
};

/** Begins or goes on with an experiment. */
export const runExperiment = (options: ExperimentRunOptions): ExperimentRun => {
  const { clock, onDecision } = options;
  const name = experimentName(options.experiment);
  const shared: SharedExperiment | undefined =
    options.shared && sharedExperiment({ ...options.shared, key: `${options.shared.prefix}${name}` });
  let state = newExperimentState(options.experiment);
  /** It took part before the decision: what was decided earlier is no news. */
  let takesPart = shared === undefined;

  const run: ExperimentRun = {
    experiment: options.experiment,
    name,
    dealer: armDealer(options.experiment.id),
    state: () => state,
    take(outcome) {
      if (state.decision !== undefined) return;
      takesPart = true;
      if (shared !== undefined) return shared.add(outcome);
      takeOutcome(state, run.experiment, outcome, clock());
      if (state.decision !== undefined) onDecision(run);
    },
    replace(next) {
      state = next;
    },
    async exchange() {
      if (shared === undefined || state.decision !== undefined) return;
      state = await shared.exchange(run.experiment);
      if (state.decision !== undefined && takesPart) onDecision(run);
      takesPart = true;
    },
  };
  return run;
};
