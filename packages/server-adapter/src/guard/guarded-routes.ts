import { MillraceError } from '@millrace/core/model';
import type { Logger } from '@millrace/core/telemetry';
import { Hono } from 'hono';
import type { Handler } from '../create-handler.js';
import { type Answer, isResponse, jsonAnswer, toResponse } from '../http/answer.js';
import { type DirectHandler, directHandler, setDirectHandler } from '../http/direct-handler.js';
import { isJsonRequest, readJsonBody } from '../http/read-json-body.js';
import { pathOfRequest } from '../http/request-path.js';
import { toErrorAnswer } from '../openai/error-answer.js';
import { errorBody } from '../openai/error-body.js';
import { refuseUnsafe } from './guard-request.js';
import { createRateLimiter, type RateLimit } from './rate-limit.js';

/** Who is let in: a name, an answer that refuses, or nothing, which refuses with 401. */
export type ActorAuthorization = { readonly actor: string } | Response | undefined;

/** How a part of the server is guarded that not everybody may use. */
export interface GuardOptions {
  /** The host's own check; there is no default. */
  readonly authorize: (request: Request) => ActorAuthorization | Promise<ActorAuthorization>;
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

/** One request that was let in. */
interface GuardedRequest {
  readonly request: Request;
  readonly actor: string;
  /** A part of the path that the route names, such as `:id`; empty when it names none. */
  param(name: string): string;
}

/** Paths with what answers them. */
export interface GuardedRoutes {
  route(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    endpoint: (guarded: GuardedRequest) => Promise<Answer>,
  ): void;
  /** The handler for all of them; what is below none of `paths` goes on to `otherwise`. */
  handler(paths: readonly string[]): Handler;
}

const NO_STORE = { 'cache-control': 'no-store' };
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** An answer that nobody keeps. */
export const privateAnswer = (status: number, body: object): Answer => jsonAnswer(status, body, NO_STORE);

const refuse = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Answer =>
  jsonAnswer(status, errorBody('invalid_request_error', message, code), { ...NO_STORE, ...headers });

const carry = (answer: Answer | Response): Response => answer as Response;

/** The body of a request as JSON; nothing where it has none. */
export const readGuardedBody = async (request: Request, limitBytes: number): Promise<unknown> => {
  if (request.headers.get('content-length') === '0') return {};
  if (isJsonRequest(request)) return readJsonBody(request, limitBytes);
  throw new MillraceError('BAD_REQUEST', "Send JSON with the header 'content-type: application/json'.");
};

/** Routes behind the host's check: only over HTTPS or on this machine, not from other sites, not too many changes. */
export const createGuardedRoutes = (options: GuardOptions): GuardedRoutes => {
  const { authorize, otherwise, basePath = '', allowedOrigins = [], trustProxy = false, logger } = options;
  const limited = createRateLimiter(options.rateLimit);
  const app = new Hono({ getPath: pathOfRequest }).basePath(basePath === '' ? '/' : basePath);
  const known = new Set<string>();

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

  return {
    route(method, path, endpoint) {
      known.add(path);
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
        const param = (name: string): string => req.param(name as never) ?? '';
        return carry(await endpoint({ request, actor: allowed.actor, param }));
      });
    },
    handler(paths) {
      app.on(METHODS, [...known], ({ req }) =>
        carry(refuse(405, 'method_not_allowed', `${req.method} is not allowed for ${req.path}.`)),
      );
      const ours = paths.map((path) => `${basePath}${path}`);
      const direct: DirectHandler = async (request) => {
        const path = pathOfRequest(request);
        const isOurs = ours.some((one) => path === one || path.startsWith(`${one}/`));
        return isOurs || next === undefined
          ? (app.fetch(request) as Promise<Answer | Response>)
          : next(request);
      };
      const handler: Handler = async (request) => {
        const answer = await direct(request);
        return isResponse(answer) ? answer : toResponse(answer);
      };
      setDirectHandler(handler, direct);
      return handler;
    },
  };
};
