// Ollama, over its own API.
export type { Fetch } from '../transport/index.js';
export { type OllamaOptions, ollama } from './ollama.js';
