/** What a mount knows of a request that the request itself does not say. */
export interface RequestHint {
  /** The path below the place where the handler is mounted. */
  readonly path?: string | undefined;
  /** The body, where a parser of the host has read it already: its text, or the value that was parsed from it. */
  readonly body?: string | object | undefined;
}

const hints = new WeakMap<Request, RequestHint>();

/** Say something of a request before it is handed to the handler. */
export const setRequestHint = (request: Request, hint: RequestHint): void => {
  hints.set(request, hint);
};

/** What a mount said of the request. */
export const requestHint = (request: Request): RequestHint | undefined => hints.get(request);
