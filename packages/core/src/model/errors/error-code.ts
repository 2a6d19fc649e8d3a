/** What an error code means to a caller. */
export interface ErrorCodeInfo {
  /** One sentence that says when it is thrown. */
  readonly meaning: string;
  /** Whether the same request may succeed later, unchanged. A single error can say otherwise. */
  readonly retryable: boolean;
  /** The HTTP status that an adapter answers with. */
  readonly httpStatus: number;
}

const code = (httpStatus: number, retryable: boolean, meaning: string): ErrorCodeInfo => ({
  meaning,
  retryable,
  httpStatus,
});

/** A stable, machine-readable kind of failure. Codes may be added, never renamed. {@link ERROR_CODES} says what each means. */
export type ErrorCode =
  | 'AUTHENTICATION'
  | 'PERMISSION_DENIED'
  | 'MISSING_KEY'
  | 'RATE_LIMITED'
  | 'QUOTA_EXCEEDED'
  | 'OVERLOADED'
  | 'BUSY'
  | 'BUDGET_EXCEEDED'
  | 'UNKNOWN_PRICE'
  | 'SERVER_ERROR'
  | 'NETWORK'
  | 'INTERRUPTED'
  | 'INVALID_RESPONSE'
  | 'TIMEOUT'
  | 'CANCELLED'
  | 'CONTEXT_LENGTH'
  | 'CONTENT_FILTER'
  | 'BAD_REQUEST'
  | 'REQUEST_TOO_LARGE'
  | 'NOT_FOUND'
  | 'UNKNOWN_MODEL'
  | 'UNKNOWN_PROVIDER'
  | 'PROVIDER_DISABLED'
  | 'PROVIDER_LOCKED'
  | 'NO_PROVIDER'
  | 'INVALID_OUTPUT'
  | 'MISSING_PACKAGE'
  | 'INVALID_CONFIG'
  | 'STORAGE'
  | 'CONFLICT'
  | 'TAMPERED'
  | 'WRONG_PASSPHRASE'
  | 'MASTER_KEY'
  | 'CLOSED';

/** Every error code with its meaning. */
export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorCodeInfo>> = {
  AUTHENTICATION: code(401, false, 'The vendor refused the key.'),
  PERMISSION_DENIED: code(403, false, 'The key is valid but may not do this.'),
  MISSING_KEY: code(401, false, 'The provider needs a key and none is configured; nothing was sent.'),
  RATE_LIMITED: code(
    429,
    true,
    'The vendor asks to slow down; `retryAfterMs` says for how long, where it tells.',
  ),
  QUOTA_EXCEEDED: code(429, false, "The vendor account's quota or credit is used up."),
  BUSY: code(
    429,
    true,
    'The limit that the host set for the provider is reached and no place came free in time; nothing was sent.',
  ),
  BUDGET_EXCEEDED: code(
    429,
    false,
    'A budget of the host has not enough left for the call; `retryAfterMs` says when it begins anew. Nothing was sent.',
  ),
  UNKNOWN_PRICE: code(
    402,
    false,
    'A budget holds for the call and the price of the model is not known; nothing was sent.',
  ),
  OVERLOADED: code(503, true, 'The vendor is temporarily out of capacity.'),
  SERVER_ERROR: code(502, true, 'The vendor failed with a server error.'),
  NETWORK: code(
    502,
    true,
    'The vendor could not be reached, or the connection broke before the answer began.',
  ),
  INTERRUPTED: code(502, true, 'The answer broke off after it had begun; what arrived is incomplete.'),
  INVALID_RESPONSE: code(502, true, 'The vendor answered with something that cannot be understood.'),
  TIMEOUT: code(504, true, 'A time limit of the call passed.'),
  CANCELLED: code(499, false, 'The caller cancelled the call.'),
  CONTEXT_LENGTH: code(400, false, "The request is longer than the model's context window."),
  CONTENT_FILTER: code(400, false, 'The vendor refused the request because of its content.'),
  BAD_REQUEST: code(400, false, 'The request is not valid; the message says what to change.'),
  REQUEST_TOO_LARGE: code(413, false, 'The request body is larger than allowed.'),
  NOT_FOUND: code(404, false, 'The vendor does not know the model or the resource.'),
  UNKNOWN_MODEL: code(404, false, 'No enabled provider has a model of that name; nothing was sent.'),
  UNKNOWN_PROVIDER: code(404, false, 'No provider of that id is registered; nothing was sent.'),
  PROVIDER_DISABLED: code(409, false, 'The provider is switched off; nothing was sent.'),
  PROVIDER_LOCKED: code(409, false, 'Single-model mode holds calls to another provider; nothing was sent.'),
  NO_PROVIDER: code(503, false, 'No registered provider can serve the request; nothing was sent.'),
  INVALID_OUTPUT: code(502, true, 'The answer does not fit the schema that was asked for.'),
  MISSING_PACKAGE: code(500, false, 'An optional package that the feature needs is not installed.'),
  INVALID_CONFIG: code(500, false, 'A configuration file or option is wrong; the message names the place.'),
  STORAGE: code(500, true, 'A store could not be opened, read or written.'),
  CONFLICT: code(409, false, 'It exists already, or somebody else is changing it at the moment.'),
  TAMPERED: code(
    500,
    false,
    'Something that was stored has been damaged, changed or moved; the message says what.',
  ),
  WRONG_PASSPHRASE: code(401, false, 'The passphrase is not the one that was used.'),
  MASTER_KEY: code(500, false, "The vault's master key is missing, not readable, or not the right one."),
  CLOSED: code(503, false, 'The object was closed and cannot be used any more.'),
};
