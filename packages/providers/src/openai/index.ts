// OpenAI.

export type { Fetch } from '../transport/index.js';
export type { OpenAIApi } from './choose-api.js';
export { OPENAI_MODELS } from './models.js';
export { type OpenAIOptions, openai } from './openai.js';
