// The handler, and what it is made of.
export {
  type Authorization,
  type Authorize,
  createHandler,
  type Handler,
  type HandlerOptions,
} from './create-handler.js';
