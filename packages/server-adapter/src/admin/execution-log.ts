import type { CompareReply, CompareRequest } from '@millrace/core/gateway';
import type { JsonValue } from '@millrace/core/model';
import type { RecordCollection, RecordStore } from '@millrace/core/storage';

/** A comparison of models that was made, with its prompt. */
export interface Execution {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly request: JsonValue;
  readonly results: readonly ExecutionResult[];
}

/** What one model did. */
interface ExecutionResult {
  readonly model: string;
  readonly status: 'success' | 'error';
  readonly latencyMs: number;
  /** The key of its ledger record; null where it failed before it had one. */
  readonly callId: string | null;
  readonly provider: string | null;
  readonly text: string | null;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  /** US dollars; null where the price is not known. */
  readonly costUsd: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Keeps comparisons. */
export type ExecutionLog = RecordCollection<Execution>;

/** Comparisons in a store of the host's: with their prompts, which the ledger never has. */
export const openExecutionLog = (store: RecordStore): ExecutionLog =>
  store.collection<Execution>({
    name: 'executions',
    primaryKey: 'id',
    migrations: [{ addColumns: { id: 'text', createdAt: 'integer', request: 'json', results: 'json' } }],
  });

/** What is kept of a comparison. */
export const toExecution = (
  request: Omit<CompareRequest, 'signal'>,
  { id, results }: CompareReply,
  createdAt: number,
): Execution => ({
  id,
  createdAt,
  request: JSON.parse(JSON.stringify(request)) as JsonValue,
  results: results.map((result) => {
    const { model, latencyMs } = result;
    if ('error' in result) {
      const { code, message, details } = result.error;
      const callId = typeof details['callId'] === 'string' ? details['callId'] : null;
      const nothing = { provider: null, text: null, tokensIn: null, tokensOut: null, costUsd: null };
      return { model, latencyMs, status: 'error', callId, ...nothing, error: { code, message } };
    }
    const { reply } = result;
    const { tokensIn, tokensOut, costUsd } = reply.cost;
    return {
      model,
      latencyMs,
      status: 'success',
      callId: reply.id,
      provider: reply.route.provider,
      text: reply.text,
      tokensIn,
      tokensOut,
      costUsd,
      error: null,
    };
  }),
});
