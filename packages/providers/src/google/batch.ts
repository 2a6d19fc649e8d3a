import { MillraceError, type ModelRequest, ProviderError } from '@millrace/core/model';
import type { BatchProvider, BatchResult, BatchStatus, ProviderContext } from '@millrace/core/provider';
import {
  asCount,
  asList,
  asObject,
  asText,
  batchWarnings,
  type createJsonSender,
  isObject,
} from '../transport/index.js';
import { createAnswerReader } from './answer-reader.js';
import type { SdkRequests } from './sdk-requests.js';
import { toGoogleError } from './vendor-error.js';
import type { WrittenRequest } from './write-request.js';

/** What the batch calls work with. */
export interface BatchOptions {
  readonly provider: string;
  readonly sendJson: ReturnType<typeof createJsonSender>;
  readonly requests: (apiKey: string | undefined) => Promise<SdkRequests>;
  readonly write: (request: ModelRequest) => WrittenRequest;
}

interface WireBatch {
  readonly name?: unknown;
  readonly metadata?: unknown;
  readonly response?: unknown;
  readonly error?: unknown;
}

/** Half the usual price (ai.google.dev/gemini-api/docs, batch mode, read 2026-11-20). */
const PRICE_FACTOR = 0.5;
const NAME = /^batches\/[A-Za-z0-9_-]+$/;
const noHeader = (): null => null;

/** Batches of requests in line, which the vendor takes up to 20 MB of. All of one batch are for one model. */
export const createBatches = ({ provider, sendJson, requests, write }: BatchOptions): BatchProvider => {
  const ask = async (
    context: ProviderContext,
    path: string,
    method: 'GET' | 'POST',
    body?: object,
  ): Promise<WireBatch> => {
    const call = requests(context.credential?.apiKey).then(({ root, headers }) => ({
      outgoing: {
        url: `${root}/${path}`,
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
    }));
    return asObject<WireBatch>((await sendJson(call, context)).value);
  };
  const status = async (id: string, context: ProviderContext): Promise<BatchStatus> =>
    toStatus(await ask(context, checkedName(id), 'GET'), provider);

  return {
    priceFactor: PRICE_FACTOR,
    async submit(items, context) {
      const models = new Set(items.map(({ request }) => request.model));
      const [model] = models;
      if (model === undefined || models.size > 1)
        throw new MillraceError(
          'BAD_REQUEST',
          `${provider}: all requests of a batch are for one model; make a batch for each.`,
        );
      const written = items.map(({ id, request }) => ({ id, ...write(request) }));
      if (written.some(({ jsonTool }) => jsonTool !== undefined))
        throw new MillraceError(
          'BAD_REQUEST',
          `${provider}: in a batch, ask for JSON and tools in different requests.`,
        );
      const inline = written.map(({ id, body }) => ({ request: body, metadata: { key: id } }));
      const batch = { display_name: 'millrace', input_config: { requests: { requests: inline } } };
      const made = await ask(context, `models/${model}:batchGenerateContent`, 'POST', { batch });
      return { ...toStatus(made, provider), ...batchWarnings(written) };
    },
    status,
    async cancel(id, context) {
      await ask(context, `${checkedName(id)}:cancel`, 'POST', {});
      return status(id, context);
    },
    async *results(id, context) {
      const { response } = await ask(context, checkedName(id), 'GET');
      const { inlinedResponses } = asObject<{ inlinedResponses?: unknown }>(response);
      const list = asObject<{ inlinedResponses?: unknown }>(inlinedResponses).inlinedResponses;
      for (const entry of asList(list)) yield toResult(entry, provider, context.credential?.apiKey);
    },
  };
};

const checkedName = (id: string): string => {
  if (NAME.test(id)) return id;
  throw new MillraceError('BAD_REQUEST', 'This is not the id of a batch: it begins with `batches/`.');
};

const STATES: Readonly<Record<string, BatchStatus['state']>> = {
  SUCCEEDED: 'ended',
  FAILED: 'failed',
  CANCELLED: 'ended',
  EXPIRED: 'failed',
};

const toStatus = (batch: WireBatch, provider: string): BatchStatus => {
  const metadata = asObject<{ state?: unknown; batchStats?: unknown; createTime?: unknown }>(batch.metadata);
  const createdAt = Date.parse(asText(metadata.createTime) ?? '');
  const id = asText(batch.name);
  const rawState = asText(metadata.state);
  if (id === undefined || rawState === undefined)
    throw new ProviderError('INVALID_RESPONSE', `${provider} answered with something that is no batch.`, {
      provider,
    });
  // Counts come as text, since they are 64 bits wide.
  const stats = asObject<Record<string, unknown>>(metadata.batchStats);
  const count = (name: string): number | undefined => asCount(Number(stats[name] ?? Number.NaN));
  const message = asText(asObject<{ message?: unknown }>(batch.error).message);
  return {
    id,
    rawState,
    state: STATES[rawState.replace(/^(?:BATCH|JOB)_STATE_/, '')] ?? 'running',
    counts: {
      total: count('requestCount'),
      succeeded: count('successfulRequestCount'),
      failed: count('failedRequestCount'),
    },
    ...(Number.isFinite(createdAt) && { createdAt }),
    ...(message !== undefined && { message }),
  };
};

const toResult = (entry: unknown, provider: string, secret: string | undefined): BatchResult => {
  const { metadata, response, error } = asObject<{ metadata?: unknown; response?: unknown; error?: unknown }>(
    entry,
  );
  const id = asText(asObject<{ key?: unknown }>(metadata).key) ?? '';
  if (!isObject(response)) return { id, error: toGoogleError(error, { provider, secret }, noHeader) };
  const model = asText(asObject<{ modelVersion?: unknown }>(response).modelVersion) ?? 'unknown';
  const reader = createAnswerReader({
    failure: { provider, model, secret },
    header: noHeader,
    warnings: [],
    jsonTool: undefined,
  });
  try {
    reader.add([JSON.stringify(response)]);
    reader.end(true);
    return { id, model, events: reader.take() };
  } catch (failure) {
    if (MillraceError.isInstance(failure)) return { id, error: failure };
    throw failure;
  }
};
