// The chat completions dialect: pure conversion, without any SDK.
export { createAnswerReader } from './answer-reader.js';
export { createDeltaTemplate } from './delta-template.js';
export { normaliseSchema } from './normalise-schema.js';
export type { ChatDialect, ModelTraits, OpenAIChatQuirks } from './quirks.js';
export type { WireCompletion } from './wire.js';
export { writeRequest, writeResponseFormat } from './write-request.js';
export { nearestEffort } from './write-settings.js';
