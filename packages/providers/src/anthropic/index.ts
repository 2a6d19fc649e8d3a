// Anthropic's Messages API.
export type { Fetch } from '../transport/index.js';
export { type AnthropicOptions, anthropic } from './anthropic.js';
export { ANTHROPIC_MODELS } from './models.js';
