// The chat completions dialect: pure conversion, without any SDK.
export { createAnswerReader } from './answer-reader.js';
export { createDeltaTemplate } from './delta-template.js';
export type { ChatDialect, ModelTraits, OpenAIChatQuirks } from './quirks.js';
export type { WireCompletion } from './wire.js';
export { writeRequest } from './write-request.js';
