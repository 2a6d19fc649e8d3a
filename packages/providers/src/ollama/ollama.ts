import { ProviderError } from '@millrace/core/model';
import type { KeyVerification, ModelInfo, Provider, ProviderContext } from '@millrace/core/provider';
import {
  asCount,
  asList,
  asObject,
  asText,
  checkBaseUrl,
  createJsonSender,
  createSend,
  createVendorStream,
  type Fetch,
  loadSdk,
  perKey,
  readJsonLines,
} from '../transport/index.js';
import { createAnswerReader } from './answer-reader.js';
import { type OllamaFacts, readFacts, readTags } from './model-facts.js';
import { writeRequest } from './write-request.js';

/** A large model takes minutes to be loaded from a slow disk. */
const LOADING_MS = 600_000;

/** How to reach an Ollama server. */
export interface OllamaOptions {
  /** Default: `ollama`. */
  readonly id?: string | undefined;
  /** The name for people. Default: `Ollama`. */
  readonly label?: string | undefined;
  /** Without `/api`. Default: `http://127.0.0.1:11434`. */
  readonly baseUrl?: string | undefined;
  /** For a server that asks for a key. Default: asked of the gateway's credential source, which looks for `OLLAMA_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: none; `registry.discoverModels` asks the server. */
  readonly models?: readonly ModelInfo[] | undefined;
  /** Tokens of context for every request. Default: as many as the request needs, in few steps, up to what the model takes. */
  readonly contextLength?: number | undefined;
  /** How long the server keeps a model loaded, such as `10m` or -1. Default: the server's own. */
  readonly keepAlive?: string | number | undefined;
  /** Default: on Node a lean one over undici, elsewhere the runtime's own. */
  readonly fetch?: Fetch | undefined;
}

/**
 * Ollama over its own API, which unlike the OpenAI-compatible one takes a context length and can be told not to drop
 * messages in silence. The `ollama` package is loaded with the first call.
 *
 * Under `providerOptions.ollama` a request takes `options` (the model's own settings, such as `num_gpu`) and the other
 * fields of the body.
 *
 * @throws ConfigError when the base URL is no URL.
 */
export const ollama = (options: OllamaOptions = {}): Provider => {
  const { id = 'ollama', label = 'Ollama', apiKey, models = [], contextLength, keepAlive } = options;
  const baseUrl = checkBaseUrl(options.baseUrl ?? 'http://127.0.0.1:11434', id).replace(/\/(?:api|v1)$/, '');
  const send = createSend(options.fetch);
  const sendJson = createJsonSender(id, send);
  const headersFor = createHeaders(baseUrl, options.headers);
  const known = new Map<string, Promise<OllamaFacts>>();

  const call = async (
    context: ProviderContext,
    path: string,
    body?: object,
    model?: string,
  ): Promise<unknown> => {
    const outgoing = headersFor(context.credential?.apiKey).then((headers) => ({
      model,
      outgoing: {
        url: `${baseUrl}/api/${path}`,
        method: body === undefined ? ('GET' as const) : ('POST' as const),
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
    }));
    return (await sendJson(outgoing, context)).value;
  };

  /** Asked once for each model; a server that does not tell is asked again next time. */
  const factsOf = (model: string, context: ProviderContext): Promise<OllamaFacts> => {
    const before = known.get(model);
    if (before !== undefined) return before;
    const asking = call(context, 'show', { model }, model).then(readFacts);
    known.set(model, asking);
    asking.catch(() => known.delete(model));
    return asking.catch((error: unknown) => {
      // The call itself will say what is wrong.
      if (context.signal.aborted) throw error;
      return {};
    });
  };
  const listModels = async (context: ProviderContext): Promise<readonly ModelInfo[]> => {
    const tags = readTags(await call(context, 'tags'));
    return Promise.all(
      tags.map(async (info) => {
        const { contextLength: contextWindow, tools, vision, thinking } = await factsOf(info.id, context);
        return {
          ...info,
          ...(contextWindow !== undefined && { contextWindow }),
          capabilities: { tools, vision, json: 'schema' as const, reasoning: thinking },
        };
      }),
    );
  };

  return {
    specification: 'millrace-provider-v1',
    id,
    label,
    credential: { required: false, environmentVariable: 'OLLAMA_API_KEY' },
    ...(apiKey !== undefined && { credentialSource: { get: () => ({ apiKey, label: `${id} apiKey` }) } }),
    models,
    firstEventMs: LOADING_MS,
    stream: createVendorStream({
      provider: id,
      send,
      payloads: readJsonLines,
      // One body is what was asked for with `stream: false` only: lines are of that type too.
      wholeTypes: [],
      async prepare(request, context) {
        const facts = await factsOf(request.model, context);
        const stream = context.delivery === 'incremental';
        const { body, warnings } = writeRequest(
          request,
          facts,
          { provider: id, contextLength, keepAlive },
          stream,
        );
        return {
          outgoing: {
            url: `${baseUrl}/api/chat`,
            method: 'POST',
            headers: await headersFor(context.credential?.apiKey),
            body: JSON.stringify(body),
          },
          read: (header, failure) => createAnswerReader({ failure, header, warnings }),
        };
      },
    }),
    discoverModels: listModels,
    async verify(context): Promise<KeyVerification> {
      await call(context, 'tags');
      return { status: 'verified', message: `${label} answers at ${baseUrl}.` };
    },
    async embed({ model, values, dimensions, providerOptions }, context) {
      const body = { model, input: values, dimensions, truncate: false, ...providerOptions?.['ollama'] };
      const value = asObject<{ embeddings?: unknown; model?: unknown; prompt_eval_count?: unknown }>(
        await call(context, 'embed', body, model),
      );
      const embeddings = asList(value.embeddings).map((vector) => asList(vector).map(Number));
      if (embeddings.length !== values.length) {
        const message = `${id}:${model} gave ${embeddings.length} vectors for ${values.length} texts.`;
        throw new ProviderError('INVALID_RESPONSE', message, { provider: id, model });
      }
      const tokensIn = asCount(value.prompt_eval_count);
      return { embeddings, modelId: asText(value.model) ?? model, tokensIn, warnings: [] };
    },
  };
};

/**
 * The headers of a request, as the SDK writes them, once for each key. It has no way to write a request without sending
 * it, so it is handed a `fetch` that notes what it would have sent; nothing reaches the network.
 */
const createHeaders = (
  host: string,
  extra: Readonly<Record<string, string>> | undefined,
): ((apiKey: string | undefined) => Promise<Readonly<Record<string, string>>>) =>
  perKey(async (apiKey) => {
    const { Ollama } = await loadSdk('ollama', () => import('ollama'));
    let written: Record<string, string> | undefined;
    const note = async (_input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      written = Object.fromEntries(new Headers(init?.headers));
      return Response.json({ models: [] });
    };
    const authorization = apiKey === undefined ? undefined : { authorization: `Bearer ${apiKey}` };
    const client = new Ollama({ host, fetch: note, headers: { ...authorization, ...extra } });
    await client.list();
    return { ...written, 'content-type': 'application/json' };
  });
