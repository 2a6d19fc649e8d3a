// What a request asks for, and how hard it looks.
export * from './classify/index.js';
// Whether a call did what it was for.
export * from './evaluate/index.js';
// What users say of answers.
export * from './feedback/index.js';
// Which model answers a call, and why.

// What fails is skipped for a while.
export {
  type CoolDown,
  type CoolDownBeginOptions,
  type CoolDownOptions,
  createCoolDown,
} from './cool-down/cool-down.js';
export type { CoolDownPolicy } from './cool-down/cool-down-policy.js';
export type {
  CoolDownCall,
  CoolDownChange,
  CoolDownEntry,
  CoolDownStanding,
} from './cool-down/cool-down-standing.js';
export { decideRoute } from './decide-route.js';
// A/B experiments.
export { assignArm } from './experiments/assign-arm.js';
export type {
  Experiment,
  ExperimentArm,
  ExperimentTargets,
  GuardRails,
  ShadowTraffic,
} from './experiments/experiment.js';
export type { ExperimentEvent } from './experiments/experiment-event.js';
export type { ObservedOutcome } from './experiments/experiment-outcome.js';
export type { ArmReport, EvidenceReport, ExperimentReport } from './experiments/experiment-report.js';
export type { ExperimentDecision, StopReason } from './experiments/experiment-state.js';
export {
  createExperiments,
  type ExperimentAssignment,
  type Experiments,
  type ExperimentsOptions,
  type ExperimentsSnapshot,
} from './experiments/experiments.js';
export type { GuardRailName } from './experiments/guard-rail.js';
export type { FailureScope } from './failure-scope.js';
// How well models did, and the choice by it.
export type { DecayedTally } from './history/decayed-tally.js';
export { createExploration, type Exploration, type ExplorationOptions } from './history/exploration.js';
export { createHistory, type History, type HistoryOptions } from './history/history.js';
export type { HistoryCandidate, HistoryStanding } from './history/history-candidate.js';
export type { HistoryFigures } from './history/history-figures.js';
export {
  type HistoryFromLedgerOptions,
  type HistoryRecord,
  historyFromLedger,
} from './history/history-from-ledger.js';
export type { HistoryOutcome } from './history/history-outcome.js';
export type { HistoryEntry, HistorySnapshot } from './history/history-snapshot.js';
export {
  type RankedCandidate,
  type RankOptions,
  rankByHistory,
} from './history/rank-by-history.js';
// A router that learns from examples how likely each model is to succeed.
export * from './learned/index.js';
export type { RejectedModel, RejectionKind } from './rejected-model.js';
export type { RequestNeeds } from './request-needs.js';
export type { RouteCandidate, RouteDecision } from './route-decision.js';
export type { RouteInput, RouteModel } from './route-input.js';
export type { RoutedTask } from './routed-task.js';
export { createRouter, type RouteContext, type Router, type RouterOptions } from './router.js';
export {
  checkRoutingPolicy,
  type OpenPolicy,
  type OrchestratedPolicy,
  type RequestRouting,
  type RouteMode,
  type RoutingPolicy,
  type SingleModelPolicy,
} from './routing-policy.js';
