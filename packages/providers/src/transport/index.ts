// What every adapter over HTTP shares: sending, reading a stream, saying what went wrong.
export { batchWarnings } from './batch-warnings.js';
export { checkBaseUrl } from './check-base-url.js';
export type { Answer, Outgoing, Send } from './exchange.js';
export { readJsonLines } from './json-lines.js';
export { createJsonSender } from './json-sender.js';
export { loadSdk } from './load-sdk.js';
export { createLossReport, type LossReport } from './loss-report.js';
export { perKey } from './per-key.js';
export { createSend, type Fetch } from './send.js';
export { readServerSentEvents } from './server-sent-events.js';
export { sniffImage, toBase64 } from './sniff-image.js';
export { toProviderError } from './to-provider-error.js';
export { createToolCallIds } from './tool-call-ids.js';
export { asCount, asList, asObject, asText, isObject, parseJson } from './untrusted.js';
export { errorOfBody, type FailureContext, refusedAnswer, transportFailure } from './vendor-failure.js';
export { type AnswerReader, createVendorStream } from './vendor-stream.js';
