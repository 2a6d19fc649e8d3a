// Google Gemini.
export type { Fetch } from '../transport/index.js';
export { type GoogleOptions, google } from './google.js';
export { GOOGLE_EMBEDDING_MODELS, GOOGLE_MODELS } from './models.js';
