// The gateway: the one thing most hosts need.
export {
  type CallLabels,
  type ChatReply,
  type ChatRequest,
  type ChatStream,
  createGateway,
  type Gateway,
  type GatewayEvents,
  type GatewayOptions,
  type TimeLimits,
} from './gateway/index.js';
// The account of every call.
export { createLedger, type Ledger, type LedgerRecord, memoryLedger } from './ledger/index.js';
// The vocabulary: messages, events, replies, errors.
export * from './model/index.js';
// Providers, keys, models and prices.
export * from './provider/index.js';
// Logs.
export { createLogger, type Logger, silentLogger } from './telemetry/index.js';
