// The whole suite, in a vitest file of one's own.
export { describeProvider } from './describe-provider.js';
// The upstream that fails on demand, and how APIs speak.
export { anthropicDialect } from './dialects/anthropic.js';
export { googleDialect } from './dialects/google.js';
export { ollamaDialect } from './dialects/ollama.js';
export { openaiChatDialect } from './dialects/openai-chat.js';
export { openaiResponsesDialect } from './dialects/openai-responses.js';
// The same without vitest.
export type { CaseContext, PlayedContext, ProviderCase } from './provider-case.js';
export { PROVIDER_CASES } from './provider-cases.js';
export {
  type CaseResult,
  type ProviderUnderTest,
  runProviderCase,
  runProviderCases,
} from './provider-under-test.js';
export type { Scene, SceneAnswer, SceneCall, SceneError, SceneFault } from './scene.js';
export { TEXT_ANSWER } from './scene.js';
export { type JournalEntry, startUpstream, type Upstream } from './upstream.js';
export { jsonBody, sse, type UpstreamRequest, type WireBody, type WireDialect } from './wire-dialect.js';
