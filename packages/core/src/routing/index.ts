// What a request asks for, and how hard it looks.
export * from './classify/index.js';
// Whether a call did what it was for.
export * from './evaluate/index.js';
// What users say of answers.
export * from './feedback/index.js';
// Which model answers a call, and why.
export type { RouteCandidate, RouteDecision } from './route-decision.js';
export { createRouter, type Router } from './router.js';
