// Logs.
export {
  createLogger,
  type LogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  silentLogger,
} from './logger.js';
// Secrets, kept out of everything that is written.
export { REDACTED, redactSecrets } from './redact.js';
