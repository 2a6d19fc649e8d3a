import type { ExperimentReport } from './experiment-report.js';
import type { StopReason } from './experiment-state.js';
import type { GuardRailName } from './guard-rail.js';

/** An experiment was decided. Each process that takes part is told once. */
export type ExperimentEvent =
  | {
      readonly type: 'experiment-promote';
      readonly experiment: string;
      /** What everybody gets from now on. */
      readonly targets: readonly string[];
      readonly report: ExperimentReport;
    }
  | {
      readonly type: 'experiment-stop';
      readonly experiment: string;
      readonly reason: StopReason;
      /** The guard rail that was breached. */
      readonly rail: GuardRailName | undefined;
      readonly report: ExperimentReport;
    };
