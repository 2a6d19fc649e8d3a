import { MillraceError, type ModelEvent, ProviderError } from '@millrace/core/model';
import type {
  BatchItem,
  BatchProvider,
  BatchResult,
  BatchStatus,
  ProviderContext,
} from '@millrace/core/provider';
import { type ChatDialect, writeRequest as writeChat } from '../openai-chat/index.js';
import { createAnswerReader, writeRequest as writeResponses } from '../openai-responses/index.js';
import {
  type AnswerReader,
  asCount,
  asList,
  asObject,
  asText,
  batchWarnings,
  type createJsonSender,
  type FailureContext,
  isObject,
  type Outgoing,
  parseJson,
  readJsonLines,
  refusedAnswer,
  type Send,
  toProviderError,
  transportFailure,
} from '../transport/index.js';
import type { ApiChoice, OpenAIApi } from './choose-api.js';
import { createChunkReader } from './chunk-reader.js';
import type { SdkRequests } from './sdk-client.js';

/** What the batch calls work with. */
export interface BatchOptions {
  readonly dialect: ChatDialect;
  readonly api: ApiChoice;
  readonly send: Send;
  readonly sendJson: ReturnType<typeof createJsonSender>;
  readonly requests: SdkRequests;
}

interface WireBatch {
  readonly id?: unknown;
  readonly status?: unknown;
  readonly request_counts?: unknown;
  readonly created_at?: unknown;
  readonly expires_at?: unknown;
  readonly output_file_id?: unknown;
  readonly error_file_id?: unknown;
  readonly errors?: unknown;
}

/** Half the usual price (platform.openai.com/docs/guides/batch, read 2026-11-20). */
const PRICE_FACTOR = 0.5;
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const PATHS: Readonly<Record<OpenAIApi, string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
};
const noHeader = (): null => null;

/** Batches: a file of requests that is uploaded, and a file of answers that is fetched when all have ended. */
export const createBatches = (options: BatchOptions): BatchProvider => {
  const { dialect, send, sendJson, requests } = options;
  const { provider } = dialect;

  const outgoing = async (
    context: ProviderContext,
    path: string,
    more: Partial<Pick<Outgoing, 'method' | 'body'>> & { readonly type?: string } = {},
  ): Promise<Omit<Outgoing, 'signal'>> => {
    const { models } = await requests(context.credential?.apiKey);
    const { method = 'GET', body, type } = more;
    return {
      url: models.url.replace(/\/models(?=\?|$)/, `/${path}`),
      method,
      headers: { ...models.headers, ...(type !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    };
  };
  const ask = async (...args: Parameters<typeof outgoing>): Promise<WireBatch> => {
    const call = outgoing(...args).then((prepared) => ({ outgoing: prepared }));
    return asObject<WireBatch>((await sendJson(call, args[0])).value);
  };
  const look = (id: string, context: ProviderContext): Promise<WireBatch> =>
    ask(context, `batches/${checkedId(id)}`);

  return {
    priceFactor: PRICE_FACTOR,
    async submit(items, context) {
      const { lines, path, warnings } = writeItems(items, options);
      const { body, type } = multipart(lines);
      const file = await ask(context, 'files', { method: 'POST', body, type });
      const fileId = asText(file.id);
      if (fileId === undefined) throw noBatch(provider);
      const made = await ask(context, 'batches', {
        method: 'POST',
        type: 'application/json',
        body: JSON.stringify({ input_file_id: fileId, endpoint: path, completion_window: '24h' }),
      });
      return { ...toStatus(made, provider), ...warnings };
    },
    status: async (id, context) => toStatus(await look(id, context), provider),
    async cancel(id, context) {
      const path = `batches/${checkedId(id)}/cancel`;
      return toStatus(await ask(context, path, { method: 'POST' }), provider);
    },
    async *results(id, context) {
      const { output_file_id, error_file_id } = await look(id, context);
      for (const fileId of [asText(output_file_id), asText(error_file_id)]) {
        if (fileId === undefined) continue;
        const prepared = await outgoing(context, `files/${checkedId(fileId)}/content`);
        for await (const line of readLines(prepared, send, provider, context))
          yield toResult(line, dialect, context.credential?.apiKey);
      }
    },
  };
};

async function* readLines(
  prepared: Omit<Outgoing, 'signal'>,
  send: Send,
  provider: string,
  { signal, credential }: ProviderContext,
): AsyncGenerator<string> {
  const failure: FailureContext = { provider, signal, secret: credential?.apiKey };
  let begun = false;
  try {
    const answer = await send({ ...prepared, signal });
    if (answer.status < 200 || answer.status >= 300) throw await refusedAnswer(answer, failure);
    for await (const lines of readJsonLines(answer)) {
      begun = true;
      yield* lines;
    }
  } catch (error) {
    throw transportFailure(error, failure, begun);
  }
}

const checkedId = (id: string): string => {
  if (ID.test(id)) return id;
  throw new MillraceError('BAD_REQUEST', 'This is not the id of a batch.');
};

const noBatch = (provider: string): ProviderError =>
  new ProviderError('INVALID_RESPONSE', `${provider} answered with something that is no batch.`, {
    provider,
  });

/** All requests of a batch go to one endpoint: to the one that any of them needs. */
const writeItems = (items: readonly BatchItem[], { api, dialect }: BatchOptions) => {
  const chosen: OpenAIApi = items.some(({ request }) => api(request) === 'responses') ? 'responses' : 'chat';
  const written = items.map(({ id, request }) => {
    const { body, warnings } =
      chosen === 'responses' ? writeResponses(request, dialect, false) : writeChat(request, dialect, false);
    return {
      id,
      warnings,
      line: JSON.stringify({ custom_id: id, method: 'POST', url: PATHS[chosen], body }),
    };
  });
  return {
    path: PATHS[chosen],
    lines: written.map(({ line }) => line).join('\n'),
    warnings: batchWarnings(written),
  };
};

/** A form with one file. JSON lines hold no line that could be taken for the boundary. */
const multipart = (lines: string): { readonly body: string; readonly type: string } => {
  const boundary = `millrace-${crypto.randomUUID()}`;
  const part = (head: string, content: string): string => `--${boundary}\r\n${head}\r\n\r\n${content}\r\n`;
  const body =
    part('Content-Disposition: form-data; name="purpose"', 'batch') +
    part(
      'Content-Disposition: form-data; name="file"; filename="batch.jsonl"\r\nContent-Type: application/jsonl',
      lines,
    );
  return { body: `${body}--${boundary}--\r\n`, type: `multipart/form-data; boundary=${boundary}` };
};

const STATES: Readonly<Record<string, BatchStatus['state']>> = {
  completed: 'ended',
  // What was answered before is there to be collected.
  expired: 'ended',
  cancelled: 'ended',
  cancelling: 'cancelling',
  failed: 'failed',
};

const milliseconds = (seconds: unknown): number | undefined =>
  typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;

const toStatus = (batch: WireBatch, provider: string): BatchStatus => {
  const id = asText(batch.id);
  const rawState = asText(batch.status);
  if (id === undefined || rawState === undefined) throw noBatch(provider);
  const counts = asObject<{ total?: unknown; completed?: unknown; failed?: unknown }>(batch.request_counts);
  const [first] = asList(asObject<{ data?: unknown }>(batch.errors).data);
  const message = asText(asObject<{ message?: unknown }>(first).message);
  const createdAt = milliseconds(batch.created_at);
  const expiresAt = milliseconds(batch.expires_at);
  return {
    id,
    rawState,
    state: STATES[rawState] ?? 'running',
    counts: {
      total: asCount(counts.total),
      succeeded: asCount(counts.completed),
      failed: asCount(counts.failed),
    },
    ...(createdAt !== undefined && { createdAt }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(message !== undefined && { message }),
  };
};

const toResult = (line: string, { provider }: ChatDialect, secret: string | undefined): BatchResult => {
  const entry = asObject<{ custom_id?: unknown; response?: unknown; error?: unknown }>(parseJson(line));
  const id = asText(entry.custom_id) ?? '';
  const { status_code, body } = asObject<{ status_code?: unknown; body?: unknown }>(entry.response);
  const answer = asObject<{ error?: unknown; model?: unknown; object?: unknown }>(body);
  const status = asCount(status_code);
  const failed = !isObject(body) || (status !== undefined && status >= 400);
  if (failed) {
    const error = answer.error ?? entry.error ?? body;
    return { id, error: toProviderError({ provider, status, error, header: noHeader, secret }) };
  }
  const model = asText(answer.model) ?? 'unknown';
  const failure = { provider, model, secret, signal: new AbortController().signal };
  const options = { failure, header: noHeader, warnings: [] };
  const reader: AnswerReader =
    answer.object === 'response'
      ? createAnswerReader({ ...options, toolNames: new Set(), json: false })
      : createChunkReader({ ...options, reasoningTag: undefined });
  try {
    reader.add([JSON.stringify(body)]);
    reader.end(true);
    return { id, model, events: [...reader.take()] as ModelEvent[] };
  } catch (error) {
    if (MillraceError.isInstance(error)) return { id, error };
    throw error;
  }
};
