// Keys over HTTP.
export {
  type CredentialsAuthorization,
  type CredentialsHandlerOptions,
  createCredentialsHandler,
} from './create-credentials-handler.js';
export type { RateLimit } from './rate-limit.js';
