import { v7 as uuid } from 'uuid';
import { MillraceError } from '../../model/errors/millrace-error.js';
import type { StoreOperationOptions } from '../../storage/counter-store.js';
import type { StorageErrorListener } from '../../storage/storage-error.js';
import type { ValueStore } from '../../storage/value-store.js';
import { startBackgroundSync } from '../shared/background-sync.js';
import { checkOption } from '../shared/check-option.js';
import { storeListener } from '../shared/store-listener.js';
import { checkExperiments, type Experiment, type ExperimentArm } from './experiment.js';
import { formatState, parseState } from './experiment-document.js';
import type { ExperimentEvent } from './experiment-event.js';
import { checkOutcome, type ObservedOutcome } from './experiment-outcome.js';
import { type ExperimentReport, reportExperiment } from './experiment-report.js';
import { type ExperimentRun, experimentName, runExperiment } from './experiment-run.js';

/** How experiments are run. */
export interface ExperimentsOptions {
  /** A call takes part in the first one that its category fits; put new ones at the end. */
  readonly experiments: readonly Experiment[];
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Shares the experiments with other processes. Its owner closes it. */
  readonly store?: ValueStore | undefined;
  /** Goes before the keys in the store. Default: `experiment:`. */
  readonly prefix?: string | undefined;
  /** How often outcomes are written and decisions read, in milliseconds. Default: 5000. */
  readonly syncMs?: number | undefined;
  /** Told when the store fails. Default: a warning on the console. */
  readonly onStoreError?: StorageErrorListener | undefined;
}

/** What a subject gets. */
export interface ExperimentAssignment {
  /** The id of the experiment. */
  readonly experiment: string;
  readonly subject: string;
  readonly arm: ExperimentArm;
  /** Models as callers name them, best first. */
  readonly targets: readonly string[];
  /** Models to call beside the answer; empty for most. */
  readonly shadow: readonly string[];
  /** One sentence that a person can read. */
  readonly reason: string;
}

/** The state of experiments as plain JSON. */
export interface ExperimentsSnapshot {
  readonly version: 1;
  /** By a name for everything that the results of an experiment are about. What is in them is not for others to read. */
  readonly states: Readonly<Record<string, unknown>>;
}

/** A/B experiments between models. */
export interface Experiments {
  /**
   * What a subject gets: always the same arm, until the experiment is decided; then all get the better one. `undefined`
   * when no experiment fits the category. Reads memory only.
   *
   * @param subject - Who or what is dealt out: a user, a conversation, a task.
   */
  assign(subject: string, category?: string): ExperimentAssignment | undefined;
  /**
   * Count how a call went. Does not wait. What comes after the decision, or for an experiment that is gone, is ignored.
   *
   * @throws MillraceError `BAD_REQUEST` for figures that cannot be right.
   */
  record(
    assignment: Pick<ExperimentAssignment, 'experiment' | 'subject' | 'arm'>,
    outcome: ObservedOutcome,
  ): void;
  /** Be told of decisions. What a listener throws is ignored. Returns the function that stops listening. */
  on(listener: (event: ExperimentEvent) => void): () => void;
  /** How each experiment stands. */
  reports(): readonly ExperimentReport[];
  /**
   * Put other experiments in the place of these. One whose share, shadow traffic or `maxScores` alone is different goes
   * on; any other difference makes it a new one.
   *
   * @throws MillraceError `INVALID_CONFIG` for experiments that cannot be right.
   */
  update(experiments: readonly Experiment[]): void;
  /** Everything that was counted, as plain JSON. */
  snapshot(): ExperimentsSnapshot;
  /**
   * Go on from a snapshot. States of other experiments are ignored.
   *
   * @throws MillraceError `BAD_REQUEST` for anything that is no snapshot, and where a store has the state.
   */
  load(snapshot: ExperimentsSnapshot): void;
  /**
   * Write outcomes and read decisions, now. It happens in the background anyway. Without a store it does nothing.
   *
   * @throws MillraceError `STORAGE` when the store fails; nothing is lost, and it is tried again.
   * @throws the signal's reason when it is aborted; that ends the wait alone.
   */
  sync(options?: StoreOperationOptions): Promise<void>;
  /** Write what is new, and stop. Never rejects. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const badSnapshot = (message: string): MillraceError => new MillraceError('BAD_REQUEST', message);

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

const reasonOf = ({ experiment, state }: ExperimentRun, arm: ExperimentArm): string => {
  const { id, share } = experiment;
  const { decision } = state();
  if (decision === undefined) {
    return `experiment "${id}": ${arm}, ${percent(arm === 'control' ? 1 - share : share)} of subjects`;
  }
  return decision.status === 'promoted'
    ? `experiment "${id}": the challenger was promoted`
    : `experiment "${id}": the control stays (${decision.rail ?? decision.reason})`;
};

/**
 * Runs A/B experiments: deals subjects out, counts how calls went, and promotes the challenger or stops as soon as the
 * outcomes say so. The tests hold their error rates however often they are looked at; see {@link Experiment}.
 *
 * With a store, processes share one state: outcomes are put into it one after the other, in the background, and a
 * decision falls once for all.
 *
 * @throws MillraceError `INVALID_CONFIG` for experiments or options that cannot be right.
 */
export const createExperiments = (options: ExperimentsOptions): Experiments => {
  const { clock = Date.now, store, prefix = 'experiment:', onStoreError } = options;
  const syncMs = checkOption('syncMs', options.syncMs ?? 5_000, { least: 10, most: 2 ** 30 });
  const shared = store && { store, prefix, writer: uuid(), clock };
  const listeners = new Set<(event: ExperimentEvent) => void>();
  let runs: readonly ExperimentRun[] = [];

  const tell = (event: ExperimentEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch {
        // A listener of the host must not harm a call.
      }
    }
  };

  const onDecision = ({ experiment, state }: ExperimentRun): void => {
    const { decision } = state();
    if (decision === undefined) return;
    const report = reportExperiment(experiment, state());
    const { id, challenger } = experiment;
    if (decision.status === 'promoted') {
      tell({ type: 'experiment-promote', experiment: id, targets: challenger.targets, report });
    } else {
      const { reason, rail } = decision;
      tell({ type: 'experiment-stop', experiment: id, reason, rail, report });
    }
  };

  const update = (experiments: readonly Experiment[]): void => {
    checkExperiments(experiments);
    runs = experiments.map((experiment) => {
      const known = runs.find(({ name }) => name === experimentName(experiment));
      if (known === undefined) return runExperiment({ experiment, shared, clock, onDecision });
      known.experiment = experiment;
      return known;
    });
  };
  update(options.experiments);

  const exchange = async (): Promise<void> => {
    const outcomes = await Promise.allSettled(runs.map((run) => run.exchange()));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  const sync =
    store &&
    startBackgroundSync({
      place: 'The experiments',
      everyMs: syncMs,
      run: exchange,
      onError: storeListener(onStoreError, 'The experiments'),
    });

  const close = async (): Promise<void> => sync?.close();

  return {
    assign(subject, category) {
      const run = runs.find(
        ({ experiment: { categories } }) =>
          categories === undefined || (category !== undefined && categories.includes(category)),
      );
      if (run === undefined) return undefined;
      const { experiment, dealer } = run;
      const { decision } = run.state();
      const { shadow } = experiment;
      const arm =
        decision === undefined
          ? dealer.arm(subject, experiment.share)
          : decision.status === 'promoted'
            ? 'challenger'
            : 'control';
      const isShadowed =
        shadow !== undefined && decision === undefined && dealer.shadow(subject, shadow.share);
      return {
        experiment: experiment.id,
        subject,
        arm,
        targets: experiment[arm].targets,
        shadow: isShadowed ? shadow.targets : [],
        reason: reasonOf(run, arm),
      };
    },
    record({ experiment, subject, arm }, outcome) {
      const run = runs.find((one) => one.experiment.id === experiment);
      const mark = run?.dealer.mark.integer(subject) ?? 0;
      const checked = checkOutcome(outcome, { arm, mark });
      run?.take(checked);
    },
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    reports: () => runs.map(({ experiment, state }) => reportExperiment(experiment, state())),
    update,
    snapshot: () => ({
      version: 1,
      states: Object.fromEntries(
        runs.map(({ name, state }) => [name, structuredClone(formatState(state()))]),
      ),
    }),
    load(snapshot) {
      if (store !== undefined) {
        throw badSnapshot('The state of these experiments is in the store; a snapshot cannot be loaded.');
      }
      if (snapshot?.version !== 1 || typeof snapshot.states !== 'object') {
        throw badSnapshot('This is no snapshot of experiments; pass what `snapshot()` returned.');
      }
      for (const run of runs) {
        const json = snapshot.states[run.name];
        if (json === undefined) continue;
        const state = parseState(structuredClone(json), run.experiment);
        if (state === undefined) {
          throw badSnapshot(`The snapshot of the experiment "${run.experiment.id}" is not complete.`);
        }
        run.replace(state);
      }
    },
    sync: async (options) => sync?.now(options?.signal),
    close,
    [Symbol.asyncDispose]: close,
  };
};
