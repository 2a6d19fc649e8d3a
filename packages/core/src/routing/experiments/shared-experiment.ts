import type { ValueStore } from '../../storage/value-store.js';
import { sharedDocument } from '../shared/shared-document.js';
import type { Experiment } from './experiment.js';
import { formatState, parseState } from './experiment-document.js';
import type { ExperimentOutcome } from './experiment-outcome.js';
import { type ExperimentState, newExperimentState, takeOutcome } from './experiment-state.js';

/** An experiment that processes share: one state, into which each puts what it saw, one after the other. */
export interface SharedExperiment {
  add(outcome: ExperimentOutcome): void;
  /** Write what is new and read the state. */
  exchange(experiment: Experiment): Promise<ExperimentState>;
}

/** Where it is kept. */
export interface SharedExperimentOptions {
  readonly store: ValueStore;
  readonly key: string;
  readonly writer: string;
  readonly clock: () => number;
}

interface Shared {
  readonly state: ExperimentState;
  /** The last addition of each process that wrote of late: none is counted twice. */
  readonly writers: Readonly<Record<string, number>>;
}

const MAX_WRITERS = 200;
/** Outcomes that wait for a store that fails; what comes after them is not counted, whatever it is. */
const MAX_WAITING = 10_000;

/** Shares an experiment. Every process that takes part must have the same one. */
export const sharedExperiment = ({
  store,
  key,
  writer,
  clock,
}: SharedExperimentOptions): SharedExperiment => {
  let fresh: ExperimentOutcome[] = [];
  let sent: { readonly sequence: number; readonly outcomes: readonly ExperimentOutcome[] } | undefined;
  let sequence = 0;

  const exchangeSent = async (experiment: Experiment): Promise<ExperimentState> => {
    const document = sharedDocument<Shared>({
      store,
      key,
      parse: (json) => {
        const { state, writers } = (json ?? {}) as Partial<Record<keyof Shared, unknown>>;
        return {
          state: parseState(state, experiment) ?? newExperimentState(experiment),
          writers: typeof writers === 'object' && writers !== null ? { ...writers } : {},
        };
      },
      format: ({ state, writers }) => ({ state: formatState(state), writers }),
    });
    const addition = sent;
    const { state } = await document.update((known) => {
      if (addition === undefined || (known.writers[writer] ?? -1) >= addition.sequence) return known;
      for (const outcome of addition.outcomes) takeOutcome(known.state, experiment, outcome, clock());
      const others = Object.entries(known.writers).filter(([name]) => name !== writer);
      const writers = Object.fromEntries([...others.slice(1 - MAX_WRITERS), [writer, addition.sequence]]);
      return { state: known.state, writers };
    });
    sent = undefined;
    return state;
  };

  return {
    add(outcome) {
      if (fresh.length < MAX_WAITING) fresh.push(outcome);
    },
    async exchange(experiment) {
      // The store may have it already; nothing newer can be sent until that is known.
      if (sent !== undefined) await exchangeSent(experiment);
      if (fresh.length > 0) {
        sequence += 1;
        sent = { sequence, outcomes: fresh };
        fresh = [];
      }
      return exchangeSent(experiment);
    },
  };
};
