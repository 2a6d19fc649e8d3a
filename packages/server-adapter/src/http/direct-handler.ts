import type { Answer } from './answer.js';

/** A handler that leaves its answers as they are. */
export type DirectHandler = (request: Request) => Promise<Answer | Response>;

const directHandlers = new WeakMap<object, DirectHandler>();

/** Remember the short way to a handler's answers, for our own mounts. */
export const setDirectHandler = (handler: object, direct: DirectHandler): void => {
  directHandlers.set(handler, direct);
};

/** The short way; `undefined` for a handler that the host has wrapped. */
export const directHandler = (handler: object): DirectHandler | undefined => directHandlers.get(handler);
