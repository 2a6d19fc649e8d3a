// Any endpoint that speaks OpenAI's chat completions.
export type { Fetch } from '../openai/index.js';
export type { OpenAIChatQuirks } from '../openai-chat/index.js';
export { type OpenAICompatibleOptions, openaiCompatible } from './openai-compatible.js';
export { openaiPreset, type PresetName, type PresetOptions } from './presets.js';
