import type { CallLabels, Gateway } from '@millrace/core/gateway';
import type { Logger } from '@millrace/core/telemetry';
import { Hono } from 'hono';
import { parseFeedbackBody } from './feedback/feedback-body.js';
import { type Answer, isResponse, jsonAnswer, toResponse } from './http/answer.js';
import { type DirectHandler, setDirectHandler } from './http/direct-handler.js';
import { isJsonRequest, readJsonBody } from './http/read-json-body.js';
import { pathOfRequest } from './http/request-path.js';
import { createChatCompletions } from './openai/chat-completions.js';
import { toErrorAnswer } from './openai/error-answer.js';
import { errorBody } from './openai/error-body.js';
import { findModel, listModels } from './openai/model-list.js';

/** Answers an HTTP request. Fits every server that speaks `Request` and `Response`. */
export type Handler = (request: Request) => Promise<Response>;

/** Whom a request is for, or the answer that refuses it. */
export type Authorization = CallLabels | Response | undefined;

/**
 * The host's own check of a request, run before its body is read. It must leave the body alone. An error that it
 * throws is answered with its own status when it is a `MillraceError`, and with 500 otherwise.
 */
export type Authorize = (request: Request) => Authorization | Promise<Authorization>;

/** How to serve a gateway. */
export interface HandlerOptions {
  readonly gateway: Gateway;
  /** Default: everybody may call. */
  readonly authorize?: Authorize | undefined;
  /** Longest request body, in bytes. Default: 20 MiB. */
  readonly bodyLimitBytes?: number | undefined;
  /** The path before `/v1`, such as `/api`. Default: none. */
  readonly basePath?: string | undefined;
  /** Told of errors whose details clients do not see. Default: says nothing. */
  readonly logger?: Logger | undefined;
}

const DEFAULT_BODY_LIMIT = 20 * 1024 * 1024;
const FEEDBACK_LIMIT = 16 * 1024;
const INVALID = 'invalid_request_error';

const CHAT_PATH = '/v1/chat/completions';
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const notJson = (): Answer => {
  const message =
    "The request body must be uncompressed JSON. Send the header 'content-type: application/json'.";
  return jsonAnswer(415, errorBody(INVALID, message, 'unsupported_media_type'));
};

const noModel = (id: string): Answer => {
  const message = `The model '${id}' does not exist. GET /v1/models lists those that do.`;
  return jsonAnswer(404, errorBody(INVALID, message, 'model_not_found', 'model'));
};

/** Hono hands on whatever a route returns without looking at it, so our answers travel through it as they are. */
const carry = (answer: Answer | Response): Response => answer as Response;

/**
 * Serve a gateway to OpenAI's clients: `POST /v1/chat/completions`, `GET /v1/models` and `GET /v1/models/{id}`.
 * Sends no CORS headers. A client that goes away cancels its call.
 */
export const createHandler = (options: HandlerOptions): Handler => {
  const { gateway, authorize, logger, bodyLimitBytes = DEFAULT_BODY_LIMIT, basePath = '' } = options;
  const chatCompletions = createChatCompletions(gateway, logger);

  const app = new Hono({ getPath: pathOfRequest }).basePath(basePath === '' ? '/' : basePath);

  type Endpoint = (request: Request, labels: CallLabels, id: string) => Answer | Promise<Answer>;
  const admit = async (endpoint: Endpoint, request: Request, id: string): Promise<Answer | Response> => {
    const labels = authorize === undefined ? {} : ((await authorize(request)) ?? {});
    return isResponse(labels) ? labels : endpoint(request, labels, id);
  };
  const route = (method: 'GET' | 'POST', path: string, endpoint: Endpoint): void => {
    app.on(method, path, async ({ req }) => carry(await admit(endpoint, req.raw, req.param('id') ?? '')));
    const allow = method === 'GET' ? 'GET, HEAD' : method;
    const others = METHODS.filter((other) => other !== method);
    app.on(others, path, ({ req }) => {
      const message = `${req.method} is not allowed for ${req.path}. Use ${allow}.`;
      return carry(jsonAnswer(405, errorBody(INVALID, message, 'method_not_allowed'), { allow }));
    });
  };

  const chat: Endpoint = async (request, labels) => {
    if (!isJsonRequest(request)) return notJson();
    return chatCompletions(await readJsonBody(request, bodyLimitBytes), labels, request.signal);
  };
  route('POST', CHAT_PATH, chat);
  route('POST', '/api/feedback', async (request, { user, project }) => {
    if (!isJsonRequest(request)) return notJson();
    const said = parseFeedbackBody(await readJsonBody(request, FEEDBACK_LIMIT));
    const { callId, rating, verdict } = await gateway.feedback({
      ...said,
      user,
      project,
      signal: request.signal,
    });
    return jsonAnswer(200, {
      taskId: callId,
      rating,
      success: verdict.success ?? null,
      score: verdict.score,
    });
  });
  route('GET', '/v1/models', () => jsonAnswer(200, { object: 'list', data: listModels(gateway.registry) }));
  route('GET', '/v1/models/:id{.+}', (_request, _labels, id) => {
    const model = findModel(gateway.registry, id);
    return model === undefined ? noModel(id) : jsonAnswer(200, model);
  });
  app.notFound(({ req }) => {
    const message = `Unknown request URL: ${req.method} ${req.path}.`;
    return carry({ ...jsonAnswer(404, errorBody(INVALID, message, 'unknown_url')), unmatched: true });
  });
  const failed = (error: unknown): Answer => toErrorAnswer(error, { logger });
  app.onError((error) => carry(failed(error)));

  const chatPath = `${basePath}${CHAT_PATH}`;
  const direct: DirectHandler = async (request) => {
    // Nearly all requests are this one: it needs no router.
    if (request.method === 'POST' && pathOfRequest(request) === chatPath) {
      return admit(chat, request, '').catch(failed);
    }
    return app.fetch(request) as Promise<Answer | Response>;
  };
  const handler: Handler = async (request) => {
    const answer = await direct(request);
    return isResponse(answer) ? answer : toResponse(answer);
  };
  setDirectHandler(handler, direct);
  return handler;
};
