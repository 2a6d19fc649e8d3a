// Which model answers a call, and why.

// A router that is fitted on examples.
export * from './learned/index.js';
export type { RouteCandidate, RouteDecision } from './route-decision.js';
export { createRouter, type Router } from './router.js';
