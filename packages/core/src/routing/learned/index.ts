// A router that learns from examples how likely each model is to succeed, without anything to install or download.
export { chooseByQuality, type QualityCandidate, type QualityQuestion } from './choose-by-quality.js';
export { type FitRouterOptions, fitRouter } from './fit-router.js';
export type { LearnedRouter, ModelPrediction, RouterPrediction } from './learned-router.js';
export {
  type LedgerExampleRow,
  type LedgerExamplesOptions,
  type LedgerVerdict,
  ledgerExamples,
  statusVerdict,
} from './ledger-examples.js';
export { loadRouter } from './load-router.js';
export type { RoutableRequest, RouterExample } from './router-example.js';
export type { LearnedModelJson, LearnedRouterJson } from './router-json.js';
