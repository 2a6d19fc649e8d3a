import { MillraceError } from '@millrace/core/model';
import type { RegisteredProvider, Registry } from '@millrace/core/provider';
import type { Logger } from '@millrace/core/telemetry';
import type { Vault, VaultEntry } from '@millrace/vault';
import { Hono } from 'hono';
import type { Handler } from '../create-handler.js';
import { type Answer, isResponse, jsonAnswer, toResponse } from '../http/answer.js';
import { type DirectHandler, directHandler, setDirectHandler } from '../http/direct-handler.js';
import { isJsonRequest, readJsonBody } from '../http/read-json-body.js';
import { pathOfRequest } from '../http/request-path.js';
import { toErrorAnswer } from '../openai/error-answer.js';
import { errorBody } from '../openai/error-body.js';
import { type KeySelection, parseCredentialBody, parseKeySelection } from './credential-body.js';
import { refuseUnsafe } from './guard-request.js';
import { createRateLimiter, type RateLimit } from './rate-limit.js';

/** Who may change keys: the name for the audit trail, an answer that refuses, or nothing, which refuses with 401. */
export type CredentialsAuthorization = { readonly actor: string } | Response | undefined;

/** How to serve a vault. */
export interface CredentialsHandlerOptions {
  readonly vault: Vault;
  /** Its providers are listed, and keys are proven through it. */
  readonly registry: Registry;
  /** The host's own check; there is no default, because whoever may call can change keys. */
  readonly authorize: (request: Request) => CredentialsAuthorization | Promise<CredentialsAuthorization>;
  /** Answers every other path, such as the handler of `createHandler`. Default: 404. */
  readonly otherwise?: Handler | undefined;
  /** The path before `/api`. Default: none. */
  readonly basePath?: string | undefined;
  /** Origins of pages that may call besides the server's own. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Believe the headers of a proxy that ends TLS. Default: false. */
  readonly trustProxy?: boolean | undefined;
  /** For each actor. Default: 30 changes a minute. */
  readonly rateLimit?: RateLimit | undefined;
  readonly logger?: Logger | undefined;
}

/** A provider and the key that it would use, as it may be shown. */
interface ProviderStatus {
  readonly provider: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly status: 'verified' | 'invalid' | 'unverified' | 'missing';
  readonly maskedKey: string | null;
  readonly active: boolean;
  readonly lastVerifiedAt: string | null;
}

const NO_STORE = { 'cache-control': 'no-store' };
/** A key is short; nothing longer is read. */
const BODY_LIMIT = 16 * 1024;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const refuse = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Answer =>
  jsonAnswer(status, errorBody('invalid_request_error', message, code), { ...NO_STORE, ...headers });

const carry = (answer: Answer | Response): Response => answer as Response;
const time = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : new Date(milliseconds).toISOString();

/** An entry of the vault as JSON. */
const shown = (entry: VaultEntry): object => ({
  ...entry,
  createdAt: time(entry.createdAt),
  updatedAt: time(entry.updatedAt),
  lastVerifiedAt: time(entry.lastVerifiedAt),
  retiresAt: time(entry.retiresAt),
});

const statusOf = (
  { provider, enabled }: RegisteredProvider,
  entries: readonly VaultEntry[],
): ProviderStatus & { readonly keys: readonly object[] } => {
  const keys = entries.filter((entry) => entry.provider === provider.id);
  // The one that stands for the provider: in use before switched off, then by priority.
  const [first] = keys
    .filter(({ retiresAt }) => retiresAt === null)
    .toSorted((a, b) => Number(b.active) - Number(a.active) || b.priority - a.priority);
  return {
    provider: provider.id,
    label: provider.label,
    enabled,
    status: first?.status ?? 'missing',
    maskedKey: first?.maskedKey ?? null,
    active: first?.active ?? false,
    lastVerifiedAt: time(first?.lastVerifiedAt ?? null),
    keys: keys.map(shown),
  };
};

/**
 * Serve the keys of a vault: `GET /api/providers`, and below `/api/providers/{provider}` `POST credentials`,
 * `DELETE credentials` and `POST verify`. Keys go in and never come out. Bodies are not logged. Requests over plain
 * HTTP from another machine, and those that another site makes a browser send, are refused.
 */
export const createCredentialsHandler = (options: CredentialsHandlerOptions): Handler => {
  const { vault, registry, authorize, otherwise, basePath = '', logger } = options;
  const { allowedOrigins = [], trustProxy = false } = options;
  const limited = createRateLimiter(options.rateLimit);

  const need = (id: string): RegisteredProvider => {
    const registered = registry.get(id);
    if (registered !== undefined) return registered;
    throw new MillraceError('UNKNOWN_PROVIDER', `There is no provider "${id.slice(0, 64)}".`);
  };
  const find = async (provider: string, { id, project, environment, label }: KeySelection) => {
    const entries = (await vault.list({ provider })).filter(
      (entry) =>
        entry.retiresAt === null &&
        (id === undefined || entry.id === id) &&
        (project === undefined || entry.project === project) &&
        (environment === undefined || entry.environment === environment) &&
        (label === undefined || entry.label === label),
    );
    const [entry] = entries;
    if (entry === undefined)
      throw new MillraceError('NOT_FOUND', `The vault has no such key of the provider "${provider}".`);
    if (entries.length === 1) return entry;
    throw new MillraceError(
      'BAD_REQUEST',
      `There are ${entries.length} such keys. Name one by \`id\`, or by \`label\`, \`project\` and \`environment\`.`,
    );
  };
  const bodyOf = async (request: Request): Promise<unknown> => {
    if (request.headers.get('content-length') === '0') return {};
    if (isJsonRequest(request)) return readJsonBody(request, BODY_LIMIT);
    throw new MillraceError('BAD_REQUEST', "Send JSON with the header 'content-type: application/json'.");
  };

  const app = new Hono({ getPath: pathOfRequest }).basePath(basePath === '' ? '/' : basePath);
  type Endpoint = (request: Request, actor: string, provider: string) => Promise<Answer>;
  const route = (method: 'GET' | 'POST' | 'DELETE', path: string, endpoint: Endpoint): void => {
    app.on(method, path, async ({ req }) => {
      const request = req.raw;
      const unsafe = refuseUnsafe(request, { allowedOrigins, trustProxy });
      if (unsafe !== undefined) return carry(unsafe);
      const allowed = await authorize(request);
      if (allowed === undefined)
        return carry(refuse(401, 'unauthorized', 'Say who you are: this server did not let you in.'));
      if (isResponse(allowed)) return carry(allowed);
      const wait = method === 'GET' ? undefined : limited(allowed.actor);
      if (wait !== undefined) {
        const headers = { 'retry-after': String(Math.ceil(wait / 1000)) };
        return carry(refuse(429, 'rate_limit_exceeded', 'Too many changes; try again later.', headers));
      }
      return carry(await endpoint(request, allowed.actor, req.param('provider') ?? ''));
    });
  };

  route('GET', '/api/providers', async () => {
    const entries = await vault.list();
    return jsonAnswer(200, { providers: registry.list().map((one) => statusOf(one, entries)) }, NO_STORE);
  });
  route('POST', '/api/providers/:provider/credentials', async (request, actor, id) => {
    const { provider } = need(id);
    const { rotate, graceMs, key, id: named, ...rest } = parseCredentialBody(await bodyOf(request));
    if (rotate === true) {
      const old = await find(provider.id, { id: named, ...rest });
      return jsonAnswer(200, shown(await vault.rotate(old.id, key, { actor, graceMs })), NO_STORE);
    }
    const entry = await vault.save({ provider: provider.id, key, ...rest }, { actor });
    return jsonAnswer(201, shown(entry), NO_STORE);
  });
  route('DELETE', '/api/providers/:provider/credentials', async (request, actor, id) => {
    const { provider } = need(id);
    const hasBody = request.headers.has('content-type') && request.headers.get('content-length') !== '0';
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const entry = await find(provider.id, parseKeySelection(hasBody ? await bodyOf(request) : query));
    await vault.remove(entry.id, { actor });
    return jsonAnswer(200, { removed: true, id: entry.id }, NO_STORE);
  });
  route('POST', '/api/providers/:provider/verify', async (request, actor, id) => {
    const { provider } = need(id);
    const hasBody = request.headers.has('content-type') && request.headers.get('content-length') !== '0';
    const selection = parseKeySelection(hasBody ? await bodyOf(request) : {});
    const { id: keyId } = await find(provider.id, selection);
    const { entry, verification } = await vault.verify(keyId, {
      actor,
      signal: request.signal,
      verifier: (name, credential, signal) => registry.verify(name, signal, credential),
    });
    return jsonAnswer(200, { ...shown(entry), verification }, NO_STORE);
  });
  app.on(METHODS, ['/api/providers', '/api/providers/:provider/:what'], ({ req }) =>
    carry(refuse(405, 'method_not_allowed', `${req.method} is not allowed for ${req.path}.`)),
  );

  const next: DirectHandler | undefined = otherwise && (directHandler(otherwise) ?? otherwise);
  app.notFound(({ req }) => {
    const message = `Unknown request URL: ${req.method} ${req.path}.`;
    return carry({ ...refuse(404, 'unknown_url', message), unmatched: true });
  });
  app.onError((error) => {
    const missing =
      MillraceError.isInstance(error) && (error.code === 'NOT_FOUND' || error.code === 'UNKNOWN_PROVIDER');
    return carry(missing ? refuse(404, 'not_found', error.message) : toErrorAnswer(error, { logger }));
  });

  const ours = `${basePath}/api/providers`;
  const direct: DirectHandler = async (request) => {
    const path = pathOfRequest(request);
    const isOurs = path === ours || path.startsWith(`${ours}/`);
    return isOurs || next === undefined ? (app.fetch(request) as Promise<Answer | Response>) : next(request);
  };
  const handler: Handler = async (request) => {
    const answer = await direct(request);
    return isResponse(answer) ? answer : toResponse(answer);
  };
  setDirectHandler(handler, direct);
  return handler;
};
