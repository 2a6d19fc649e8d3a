// What an operator looks at and changes, over HTTP.

export type { ActorAuthorization } from '../guard/guarded-routes.js';
export type { RateLimit } from '../guard/rate-limit.js';
export { type AdminHandlerOptions, createAdminHandler } from './create-admin-handler.js';
