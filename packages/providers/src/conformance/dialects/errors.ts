import type { SceneError } from '../scene.js';

/** The HTTP status by which vendors tell of a failure. */
export const STATUS: Readonly<Record<SceneError, number>> = {
  authentication: 401,
  permission: 403,
  'not-found': 404,
  'rate-limit': 429,
  'context-length': 400,
  server: 500,
  overloaded: 503,
};

/** What is said of a prompt that is too long. */
export const TOO_LONG = 'prompt is too long: it exceeds the context window';
