import { checkOption } from '../shared/check-option.js';

/** Decides which calls may try a model that is not proven yet. */
export interface Exploration {
  /** Whether this call may; asked only when there is a model to try. */
  take(): boolean;
}

/** How much may be tried. */
export interface ExplorationOptions {
  /** The share of calls, 0 to 1. */
  readonly share: number;
  /** At most so many calls in any hour. Default: 60. */
  readonly maxPerHour?: number | undefined;
  /** From 0 to less than 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

const HOUR_MS = 3_600_000;

/**
 * Lets a share of calls try models that are not proven yet, and never more than so many an hour in this process.
 *
 * @throws MillraceError `INVALID_CONFIG` for an option that cannot be right.
 */
export const createExploration = (options: ExplorationOptions): Exploration => {
  const { random = Math.random, clock = Date.now } = options;
  const share = checkOption('share', options.share, { least: 0, most: 1 });
  const maxPerHour = checkOption('maxPerHour', options.maxPerHour ?? 60, { least: 0, most: 100_000 });
  const taken: number[] = [];
  return {
    take() {
      const now = clock();
      while (taken[0] !== undefined && taken[0] <= now - HOUR_MS) taken.shift();
      if (taken.length >= maxPerHour || random() >= share) return false;
      taken.push(now);
      return true;
    },
  };
};
