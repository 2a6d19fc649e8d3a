import type { RequestListener } from 'node:http';
import type { Handler } from '../create-handler.js';
import { forward } from './forward.js';

export { type ServeOptions, type Server, serve } from './serve.js';

/** Serve a handler from `createServer(toNodeListener(handler))`. */
export const toNodeListener =
  (handler: Handler): RequestListener =>
  (incoming, outgoing) =>
    void forward(handler, incoming, outgoing);
