import {
  MillraceError,
  type ModelEvent,
  type ModelRequest,
  ProviderError,
  type Warning,
} from '@millrace/core/model';
import type {
  BatchItem,
  BatchProvider,
  BatchResult,
  BatchStatus,
  ProviderContext,
} from '@millrace/core/provider';
import {
  asCount,
  asList,
  asObject,
  asText,
  batchWarnings,
  type createJsonSender,
  isObject,
  parseJson,
  readJsonLines,
  refusedAnswer,
  type Send,
  toProviderError,
  transportFailure,
} from '../transport/index.js';
import { createAnswerReader } from './answer-reader.js';
import type { PreparedRequests } from './sdk-requests.js';
import type { WrittenRequest } from './write-request.js';

/** What the batch calls work with. */
export interface BatchOptions {
  readonly provider: string;
  readonly send: Send;
  readonly sendJson: ReturnType<typeof createJsonSender>;
  readonly requests: (apiKey: string | undefined) => Promise<PreparedRequests>;
  readonly write: (request: ModelRequest) => WrittenRequest;
}

interface WireBatch {
  readonly id?: unknown;
  readonly processing_status?: unknown;
  readonly request_counts?: unknown;
  readonly expires_at?: unknown;
  readonly created_at?: unknown;
}

interface WireLine {
  readonly custom_id?: unknown;
  readonly result?: unknown;
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;
/** In a request's name, between its own and that of the tool by which it was made to answer in JSON. */
const JSON_MARK = '-j-';

/** Half the usual price, for all token kinds (platform.claude.com/docs, batch processing, read 2026-11-20). */
const PRICE_FACTOR = 0.5;

/** Message batches: submitted in one request, collected when all have ended. */
export const createBatches = ({ provider, send, sendJson, requests, write }: BatchOptions): BatchProvider => {
  const call = async (
    context: ProviderContext,
    path: string | undefined,
    method: 'GET' | 'POST',
    body?: object,
  ): Promise<BatchStatus> => {
    const outgoing = requests(context.credential?.apiKey).then(({ batch, batches }) => ({
      outgoing: {
        ...(path === undefined ? batches : { ...batch, url: `${batch.url}${path}` }),
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
    }));
    const { value } = await sendJson(outgoing, context);
    return toStatus(value, provider);
  };

  return {
    priceFactor: PRICE_FACTOR,
    async submit(items, context) {
      const written = items.map((item) => writeItem(item, write, provider));
      const betas = [...new Set(written.flatMap((one) => one.betas))];
      const { batches } = await requests(context.credential?.apiKey);
      const headers =
        betas.length === 0 ? batches.headers : { ...batches.headers, 'anthropic-beta': betas.join(',') };
      const body = JSON.stringify({ requests: written.map(({ line }) => line) });
      const { value } = await sendJson({ outgoing: { ...batches, headers, body } }, context);
      return { ...toStatus(value, provider), ...batchWarnings(written) };
    },
    status: async (id, context) => call(context, checkedId(id), 'GET'),
    cancel: async (id, context) => call(context, `${checkedId(id)}/cancel`, 'POST', {}),
    async *results(id, context) {
      const { signal, credential } = context;
      const failure = { provider, signal, secret: credential?.apiKey };
      const { batch } = await requests(credential?.apiKey);
      let begun = false;
      try {
        const answer = await send({ ...batch, url: `${batch.url}${checkedId(id)}/results`, signal });
        if (answer.status < 200 || answer.status >= 300) throw await refusedAnswer(answer, failure);
        for await (const lines of readJsonLines(answer)) {
          for (const line of lines) {
            begun = true;
            yield toResult(asObject<WireLine>(parseJson(line)), provider, credential?.apiKey);
          }
        }
      } catch (error) {
        throw transportFailure(error, failure, begun);
      }
    },
  };
};

const checkedId = (id: string): string => {
  if (ID.test(id)) return id;
  throw new MillraceError('BAD_REQUEST', 'This is not the id of a batch.');
};

const writeItem = (
  { id, request }: BatchItem,
  write: BatchOptions['write'],
  provider: string,
): {
  readonly id: string;
  readonly line: object;
  readonly betas: readonly string[];
  readonly warnings: readonly Warning[];
} => {
  const { body, betas, jsonTool, warnings } = write(request);
  const name = jsonTool === undefined ? id : `${id}${JSON_MARK}${jsonTool}`;
  if (!ID.test(id) || name.length > 64)
    throw new MillraceError(
      'BAD_REQUEST',
      `${provider}: the id "${id.slice(0, 64)}" of a batch is too long or holds other than letters, digits, - and _.`,
    );
  return { id, line: { custom_id: name, params: body }, betas, warnings };
};

const toStatus = (value: unknown, provider: string): BatchStatus => {
  const batch = asObject<WireBatch>(value);
  const id = asText(batch.id);
  const rawState = asText(batch.processing_status);
  if (id === undefined || rawState === undefined)
    throw new ProviderError('INVALID_RESPONSE', `${provider} answered with something that is no batch.`, {
      provider,
    });
  const counts = asObject<Record<string, unknown>>(batch.request_counts);
  const all = ['processing', 'succeeded', 'errored', 'canceled', 'expired'].map(
    (name) => asCount(counts[name]) ?? 0,
  );
  const expiresAt = Date.parse(asText(batch.expires_at) ?? '');
  const createdAt = Date.parse(asText(batch.created_at) ?? '');
  return {
    id,
    rawState,
    state: rawState === 'ended' ? 'ended' : rawState === 'canceling' ? 'cancelling' : 'running',
    counts: {
      total: all.reduce((sum, count) => sum + count, 0),
      succeeded: asCount(counts['succeeded']),
      failed: all.slice(2).reduce((sum, count) => sum + count, 0),
    },
    ...(Number.isFinite(createdAt) && { createdAt }),
    ...(Number.isFinite(expiresAt) && { expiresAt }),
  };
};

const noHeader = (): null => null;

const toResult = (line: WireLine, provider: string, secret: string | undefined): BatchResult => {
  const name = asText(line.custom_id) ?? '';
  const mark = name.indexOf(JSON_MARK);
  const id = mark === -1 ? name : name.slice(0, mark);
  const jsonTool = mark === -1 ? undefined : name.slice(mark + JSON_MARK.length);
  const result = asObject<{ type?: unknown; message?: unknown; error?: unknown }>(line.result);
  if (result.type === 'succeeded' && isObject(result.message)) {
    const model = asText(asObject<{ model?: unknown }>(result.message).model) ?? 'unknown';
    const failure = { provider, model, secret };
    const reader = createAnswerReader({ failure, header: noHeader, warnings: [], jsonTool });
    try {
      reader.add([JSON.stringify(result.message)]);
      reader.end(true);
      return { id, model, events: [...asList(reader.take())] as ModelEvent[] };
    } catch (error) {
      if (MillraceError.isInstance(error)) return { id, error };
      throw error;
    }
  }
  if (result.type === 'errored') {
    const { error = result.error } = asObject<{ error?: unknown }>(result.error);
    return { id, error: toProviderError({ provider, error, header: noHeader, secret }) };
  }
  const canceled = result.type === 'canceled';
  return {
    id,
    error: new ProviderError(
      canceled ? 'CANCELLED' : 'TIMEOUT',
      canceled
        ? 'The batch was cancelled before this request was answered.'
        : 'The batch expired before this request was answered.',
      { provider },
    ),
  };
};
