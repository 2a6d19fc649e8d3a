import type { Budgets } from '../budget/budgets.js';
import { type WorstCase, worstCase } from '../budget/worst-case.js';
import { pause } from '../internal/pause.js';
import type { Ledger } from '../ledger/ledger.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { BatchItem, BatchProvider, BatchStatus } from '../provider/batch.js';
import type { Provider } from '../provider/provider.js';
import type { Registry } from '../provider/registry.js';
import { within } from '../provider/within.js';
import type { RouteCandidate } from '../routing/route-decision.js';
import type { Router } from '../routing/router.js';
import { redactError } from '../telemetry/redact-error.js';
import type { SecretRegistry } from '../telemetry/secret-registry.js';
import { priceAnswer } from './batch-answer.js';
import type { BatchAnswer, Batches, BatchJob, BatchRequest, CollectOptions, WaitOptions } from './batches.js';
import { createCallId } from './call-id.js';
import { labelsOf } from './call-labels.js';
import { type CallProvider, withClosing } from './call-provider.js';
import { callableProvider, checkCredential } from './callable-provider.js';
import { nearLimitOf } from './near-limit.js';
import { normaliseRequest } from './normalise-request.js';
import { type RetryOptions, retryPolicy } from './retry-policy.js';
import type { Spender, SpendingHold } from './spend.js';

/** What batches work with. */
export interface BatchesOptions {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly router: Router;
  readonly secrets: SecretRegistry;
  readonly callProvider: CallProvider;
  readonly defaultModel: string;
  readonly retry: RetryOptions | undefined;
  readonly budgets: Budgets | undefined;
  readonly spender: Spender | undefined;
  /** Aborted when the gateway is closed. */
  readonly closing: AbortSignal;
}

const POLL_MS = 30_000;
const LONGEST_WAIT_MS = 25 * 60 * 60 * 1000;
/** For one request about a batch, attempts included. An upload may be large. */
const REQUEST_MS = 600_000;
/** Vendors promise an end within a day; two days leave time to collect. */
const BATCH_LEASE_MS = 48 * 60 * 60 * 1000;
const ITEM_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Batches over the providers of a registry. */
export const createBatches = (options: BatchesOptions): Batches => {
  const { registry, callProvider, closing } = options;

  const ask = async (
    provider: string,
    signal: AbortSignal | undefined,
    run: (batch: BatchProvider, context: Parameters<BatchProvider['status']>[1]) => Promise<BatchStatus>,
    repeatable = true,
  ): Promise<BatchJob> => {
    const status = await callProvider({
      provider,
      signal,
      limitMs: REQUEST_MS,
      // A batch that was submitted twice would be paid twice.
      retry: retryPolicy(repeatable ? undefined : { retries: 0 }, options.retry),
      run: (found, context) => run(batchOf(found), context),
    });
    return toJob(provider, status, batchOf(callableProvider(registry, provider)));
  };

  const status: Batches['status'] = async (id, { signal } = {}) => {
    const { provider, vendorId } = parseId(registry, id);
    const job = await ask(provider, signal, (batch, context) => batch.status(vendorId, context));
    // The vendor refused it as a whole: it costs nothing.
    if (job.state === 'failed') options.spender?.correct(id, batchLease(id), 0);
    return job;
  };

  return {
    async submit(request) {
      const items = toItems(request, options.defaultModel);
      const route = await chooseRoute(options, items, request);
      const routed = items.map(({ id, request: one }) => ({ id, request: { ...one, model: route.model } }));
      const hold = await reserveBatch(options, request, routed, route);
      let job: BatchJob;
      try {
        job = await ask(
          route.provider,
          request.signal,
          (batch, context) => batch.submit(routed, context),
          false,
        );
      } catch (error) {
        hold?.release();
        throw error;
      }
      await hold?.moveTo(batchLease(job.id), BATCH_LEASE_MS);
      return job;
    },
    status,
    async wait(id, { pollMs = POLL_MS, timeoutMs = LONGEST_WAIT_MS, signal }: WaitOptions = {}) {
      checkDuration('pollMs', pollMs);
      checkDuration('timeoutMs', timeoutMs);
      return within(timeoutMs, withClosing(signal, closing), async (limited) => {
        for (;;) {
          const job = await status(id, { signal: limited });
          if (job.state === 'ended' || job.state === 'failed') return job;
          await pause(pollMs, limited);
        }
      });
    },
    collect: (id, collecting) => collect(options, id, status, collecting),
    async cancel(id, { signal } = {}) {
      const { provider, vendorId } = parseId(registry, id);
      return ask(provider, signal, (batch, context) => batch.cancel(vendorId, context));
    },
  };
};

async function* collect(
  { registry, ledger, secrets, closing, spender }: BatchesOptions,
  id: string,
  status: Batches['status'],
  { signal: caller, ...labels }: CollectOptions = {},
): AsyncGenerator<BatchAnswer> {
  const { provider: name, vendorId } = parseId(registry, id);
  const job = await status(id, { signal: caller });
  if (job.state !== 'ended') {
    const why = job.state === 'failed' ? `it failed: ${job.message ?? job.rawState}` : 'wait for its end';
    throw new MillraceError('CONFLICT', `The batch ${id} has no answers; ${why}.`, {
      details: { state: job.state },
    });
  }
  const provider = callableProvider(registry, name);
  let spentUsd = 0;
  const leaving = new AbortController();
  const signal = AbortSignal.any([withClosing(caller, closing), leaving.signal]);
  try {
    const credential = await registry.credential(name, signal);
    checkCredential(provider, credential);
    if (credential !== undefined) secrets.add(credential.apiKey);
    const results = batchOf(provider).results(vendorId, { credential, signal });
    for await (const result of results) {
      const { answer, record } = await priceAnswer(result, { registry, job, labels });
      ledger.record(record);
      spentUsd += record.costUsd ?? spender?.unknownUsd ?? 0;
      yield 'error' in answer ? { ...answer, error: redactError(answer.error, secrets.redact) } : answer;
    }
    // Only what was read to its end is known; until then the worst case stays held.
    spender?.correct(id, batchLease(id), spentUsd);
  } catch (error) {
    throw MillraceError.isInstance(error) ? redactError(error, secrets.redact) : error;
  } finally {
    // Also when the reader leaves early: what is still being read is let go of.
    leaving.abort(new MillraceError('CANCELLED', 'The answers were not read to their end.'));
  }
}

/** Under which the money of a batch is held: known to whoever knows its id. */
const batchLease = (jobId: string): string => `batch ${jobId}`;

/** What all requests of a batch may cost together. */
const reserveBatch = async (
  { registry, spender }: BatchesOptions,
  request: BatchRequest,
  items: readonly BatchItem[],
  { provider, model, info }: RouteCandidate,
): Promise<SpendingHold | undefined> => {
  const labels = labelsOf(request);
  if (spender === undefined) return undefined;
  const found = callableProvider(registry, provider);
  const { priceFactor } = batchOf(found);
  const all = items.map((item) =>
    worstCase(item.request, info, { priceFactor, outputLimit: found.outputLimit?.(item.request) }),
  );
  const sum = (of: (one: WorstCase) => number): number => all.reduce((total, one) => total + of(one), 0);
  const known = all.every(({ costUsd }) => costUsd !== null);
  const id = createCallId();
  return spender.reserve({
    id,
    labels,
    worst: {
      tokensIn: sum((one) => one.tokensIn),
      tokensOut: sum((one) => one.tokensOut),
      costUsd: known ? sum((one) => one.costUsd ?? 0) : null,
    },
    calls: items.length,
    whom: `${provider}:${model}`,
    leaseId: id,
    leaseMs: BATCH_LEASE_MS,
    signal: request.signal,
  });
};

const batchOf = (provider: Provider): BatchProvider => {
  if (provider.batch !== undefined) return provider.batch;
  throw new MillraceError('BAD_REQUEST', `${provider.label} has no batch API.`);
};

const toJob = (provider: string, status: BatchStatus, { priceFactor }: BatchProvider): BatchJob => ({
  ...status,
  id: `${provider}:${status.id}`,
  provider,
  priceFactor,
});

const parseId = (registry: Registry, id: string): { provider: string; vendorId: string } => {
  const colon = typeof id === 'string' ? id.indexOf(':') : -1;
  const provider = colon > 0 ? id.slice(0, colon) : '';
  if (registry.get(provider) !== undefined && id.length > colon + 1)
    return { provider, vendorId: id.slice(colon + 1) };
  throw new MillraceError(
    'BAD_REQUEST',
    'This is not the id of a batch: it is `provider:` and what the vendor calls it, as `submit` gave it.',
  );
};

const bad = (message: string): MillraceError => new MillraceError('BAD_REQUEST', message);

const toItems = (request: BatchRequest, defaultModel: string): BatchItem[] => {
  const { requests, model } = request ?? {};
  if (!Array.isArray(requests) || requests.length === 0)
    throw bad('`requests` must hold at least one request, each with an `id`.');
  const ids = new Set<string>();
  return requests.map(({ id, ...chat }, index) => {
    if (typeof id !== 'string' || !ITEM_ID.test(id))
      throw bad(`\`requests[${index}].id\` must be 1 to 64 letters, digits, "-" and "_".`);
    if (ids.has(id)) throw bad(`Two requests have the id "${id}"; give each its own.`);
    ids.add(id);
    return { id, request: normaliseRequest({ ...chat, model }, defaultModel) };
  });
};

/** The first candidate that has a batch API and can do what all the requests need. */
const chooseRoute = async (
  { registry, router, budgets }: BatchesOptions,
  items: readonly BatchItem[],
  request: BatchRequest,
): Promise<RouteCandidate> => {
  const { signal } = request;
  const pressure = await budgets?.pressure(labelsOf(request), signal);
  const nearLimit = nearLimitOf(pressure);
  let common: readonly RouteCandidate[] | undefined;
  for (const item of items) {
    const context = { cancellation: signal && { signal }, nearLimit };
    const { candidates } = await router.decide(item.request, context);
    common = common?.filter((one) => candidates.some((other) => isSame(one, other))) ?? candidates;
  }
  const chosen = common?.find(({ provider }) => registry.get(provider)?.provider.batch !== undefined);
  if (chosen !== undefined) return chosen;
  const able = registry.enabled().filter(({ batch }) => batch !== undefined);
  const which = able.length > 0 ? ` These have one: ${able.map(({ id }) => id).join(', ')}.` : '';
  throw bad(`No provider in question has a batch API and a model that fits all requests.${which}`);
};

const isSame = (one: RouteCandidate, other: RouteCandidate): boolean =>
  one.provider === other.provider && one.model === other.model;

const LONGEST_TIMER_MS = 0x7fff_ffff;

const checkDuration = (name: string, value: number): void => {
  if (typeof value === 'number' && value > 0 && value <= LONGEST_TIMER_MS) return;
  throw bad(`\`${name}\` must be a number of milliseconds from 1 to ${LONGEST_TIMER_MS}.`);
};
