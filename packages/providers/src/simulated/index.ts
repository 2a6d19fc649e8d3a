// Answers without a model, for a first run and for tests.
export { type SimulatedOptions, simulated } from './simulated.js';
