// Which model answers a call, and why.
export type { RouteCandidate, RouteDecision } from './route-decision.js';
export { createRouter, type Router } from './router.js';
