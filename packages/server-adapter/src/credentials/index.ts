// Keys over HTTP.

export type { RateLimit } from '../guard/rate-limit.js';
export {
  type CredentialsAuthorization,
  type CredentialsHandlerOptions,
  createCredentialsHandler,
} from './create-credentials-handler.js';
