import type { Budgets } from '../budget/budgets.js';
import { type CacheOptions, checkCacheOptions } from '../cache/cache-options.js';
import { Roster } from '../internal/roster.js';
import type { Ledger } from '../ledger/ledger.js';
import { memoryLedger } from '../ledger/memory-ledger.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { createRegistry, type Registry, type RegistryOptions } from '../provider/registry.js';
import { createRouter } from '../routing/router.js';
import { type Logger, redactingLogger, silentLogger } from '../telemetry/logger.js';
import { redactError } from '../telemetry/redact-error.js';
import { createSecretRegistry } from '../telemetry/secret-registry.js';
import type { Call, CallWatcher, Handler, NamedStage } from './call.js';
import { createCallId } from './call-id.js';
import { labelsOf } from './call-labels.js';
import { createCallProvider } from './call-provider.js';
import { type CancellationSource, createCancellation } from './cancellation.js';
import type { ChatRequest, TimeLimits } from './chat-request.js';
import { createChatStream } from './chat-stream.js';
import { checkActualCost, checkRetry, checkTimeLimits } from './check-settings.js';
import { createCompare } from './compare.js';
import { type CompressionOptions, checkCompressionOptions } from './compression-options.js';
import { createCountTokens } from './count-tokens.js';
import { createBatches } from './create-batches.js';
import { createRouting } from './create-routing.js';
import { createEmbed } from './embed.js';
import { createEmitter } from './emitter.js';
import { createFeedback } from './feedback.js';
import type { ChatReply, ChatStream, Gateway } from './gateway.js';
import { gatewayClosed } from './gateway-closed.js';
import { normaliseRequest } from './normalise-request.js';
import { acceptsOf, parseOutput } from './parse-output.js';
import type { RetryOptions } from './retry-policy.js';
import type { RoutingOptions } from './routing-options.js';
import { createShadow } from './shadow.js';
import { createSpender } from './spend.js';
import { budgetLease, budgetStage } from './stages/budget.js';
import { createCacheStage } from './stages/cache.js';
import { compressStage } from './stages/compress.js';
import { dispatch } from './stages/dispatch.js';
import { fallbackStage } from './stages/fallback.js';
import { feedbackStage } from './stages/feedback.js';
import { learnStage } from './stages/learn.js';
import { observeStage } from './stages/observe.js';
import { retryStage } from './stages/retry.js';
import { routeStage } from './stages/route.js';
import { startTotalLimit } from './total-limit.js';

/** How to build a gateway. */
export interface GatewayOptions extends RegistryOptions {
  /** A registry to use as it is, in place of `providers`, `credentials` and `catalogue`. */
  readonly registry?: Registry | undefined;
  /** Where the account of every call is kept. Default: in memory, the newest 100,000. */
  readonly ledger?: Ledger | undefined;
  /** Default: says nothing. */
  readonly logger?: Logger | undefined;
  /** The model for requests that name none. Default: `auto`. */
  readonly defaultModel?: string | undefined;
  /** Time limits for requests that set none. */
  readonly timeLimits?: TimeLimits | undefined;
  /** Give answers again, and let calls that ask the same share one. Default: every call asks the vendor. */
  readonly cache?: CacheOptions | undefined;
  /** Make long prompts shorter. Default: they go as they are. */
  readonly compression?: CompressionOptions | undefined;
  /** Limits of what may be spent: from `createBudgets`. Default: none. */
  readonly budgets?: Budgets | undefined;
  /** How often a failed request is sent again, for requests that do not say. Default: twice, after 0.5 and 1 s. */
  readonly retry?: RetryOptions | undefined;
  /** How `auto` and tiers are decided. Default: the tier that the task looks like, and its cheapest model. */
  readonly routing?: RoutingOptions | undefined;
  /** Drop, reorder, replace or add stages: gets the built-in ones, outermost first, and returns those to use. */
  readonly stages?: ((builtIn: readonly NamedStage[]) => readonly NamedStage[]) | undefined;
}

/**
 * Put a gateway together.
 *
 * @throws MillraceError `INVALID_CONFIG` when the providers clash or a time limit is not a number.
 */
export const createGateway = (options: GatewayOptions = {}): Gateway => {
  checkTimeLimits(options.timeLimits, 'INVALID_CONFIG');
  checkRetry(options.retry, 'INVALID_CONFIG');
  const registry = options.registry ?? createRegistry(options);
  const ledger = options.ledger ?? memoryLedger();
  const secrets = createSecretRegistry();
  const logger = redactingLogger(options.logger ?? silentLogger, secrets.redact);
  const { emit, on } = createEmitter(logger);
  const running = new Roster<CancellationSource>();
  const closing = new AbortController();
  const { defaultModel = 'auto', retry, timeLimits } = options;
  const { compression } = options;
  if (compression !== undefined) checkCompressionOptions(compression);
  if (options.cache !== undefined) checkCacheOptions(options.cache);
  const cache = options.cache && createCacheStage(options.cache, logger);
  const routing = createRouting(options.routing);
  const experiments = options.routing?.experiments;
  const learns = routing.history !== undefined || experiments !== undefined;
  const router = createRouter(registry, {
    policy: routing.policy,
    history: routing.history,
    coolDown: routing.coolDown,
    classifier: options.routing?.classifier,
    exploration: options.routing?.exploration,
    experiments,
    learned: options.routing?.learned,
    onError: (error) => logger.warn({ error }, 'a part of the routing failed'),
  });
  const callProvider = createCallProvider(registry, secrets, closing.signal);
  const spender = options.budgets && createSpender({ budgets: options.budgets, logger, emit });
  const embed = createEmbed({ registry, ledger, logger, emit, callProvider, timeLimits, retry, spender });
  const countTokens = createCountTokens({ registry, router, callProvider, defaultModel, timeLimits, retry });

  const feedback = createFeedback({ ledger, history: routing.history, experiments, emit });

  const builtIn: readonly NamedStage[] = [
    { name: 'feedback', stage: feedbackStage(feedback) },
    { name: 'observe', stage: observeStage({ ledger, logger, emit, classifies: routing.classifies }) },
    {
      name: 'route',
      stage: routeStage({
        router,
        emit,
        budgets: options.budgets,
        shadow: (call, models) => shadow.run(call, models),
      }),
    },
    ...(learns
      ? [
          {
            name: 'learn',
            stage: learnStage({ history: routing.history, experiments, logger, learns: routing.learns }),
          },
        ]
      : []),
    ...(cache === undefined ? [] : [{ name: 'cache', stage: cache.stage }]),
    ...(compression === undefined ? [] : [{ name: 'compress', stage: compressStage(compression, logger) }]),
    { name: 'fallback', stage: fallbackStage(routing.coolDown) },
    { name: 'retry', stage: retryStage(retry) },
    ...(spender === undefined ? [] : [{ name: 'budget', stage: budgetStage(spender, registry) }]),
  ];
  const handler = (options.stages?.(builtIn) ?? builtIn).reduceRight<Handler>(
    (next, { stage }) => stage(next),
    dispatch(registry, secrets),
  );

  const start = (request: ChatRequest<unknown>, operation: Call['operation']): ChatStream => {
    if (closing.signal.aborted) throw gatewayClosed();
    const normalised = normaliseRequest(request, defaultModel);
    const labels = labelsOf(request);
    const watchers: CallWatcher[] = [];
    const cancellation = createCancellation();
    const cancel = (reason: MillraceError): void => cancellation.cancel(reason);
    const { signal: outer } = request;
    const onAbort = (): void =>
      cancel(new MillraceError('CANCELLED', 'The caller cancelled the call.', { cause: outer?.reason }));

    const id = createCallId();
    const onWatcherError = (error: unknown): void =>
      logger.error({ callId: id, error }, 'a watcher of a call failed');
    const call: Call = {
      id,
      operation,
      request: normalised,
      labels,
      timeLimits: {
        firstEventMs: request.timeLimits?.firstEventMs ?? timeLimits?.firstEventMs,
        idleMs: request.timeLimits?.idleMs ?? timeLimits?.idleMs,
        totalMs: request.timeLimits?.totalMs ?? timeLimits?.totalMs,
      },
      retry: request.retry,
      cache: request.cache,
      routing: request.routing,
      compression:
        compression === undefined ? 'off' : (request.compression ?? compression.preset ?? 'lossless'),
      accepts: acceptsOf(request.output),
      startedAt: Date.now(),
      cancellation,
      candidates: [],
      trace: {},
      watch: (watcher) => void watchers.push(watcher),
      announceRetry(failed) {
        for (const watcher of watchers) {
          try {
            watcher.retry?.(failed);
          } catch (error) {
            onWatcherError(error);
          }
        }
      },
    };
    const open = (): ReturnType<Handler> => {
      if (closing.signal.aborted) throw gatewayClosed();
      const leave = running.add(cancellation);
      outer?.addEventListener('abort', onAbort, { once: true });
      const stopClock = startTotalLimit(call, cancel);
      watchers.push({
        end() {
          leave();
          outer?.removeEventListener('abort', onAbort);
          stopClock();
        },
      });
      const events = handler(call);
      if (outer?.aborted) onAbort();
      return events;
    };
    return createChatStream({
      id,
      open,
      watchers,
      cancellation,
      redact: (error) => redactError(error, secrets.redact),
      onWatcherError,
    });
  };

  const shadow = createShadow((request) => gateway.chat(request), logger);
  const gateway: Gateway = {
    async chat<Output>(request: ChatRequest<Output>) {
      const reply = await start(request, 'chat').reply();
      const output = request.output === undefined ? undefined : await parseOutput(request.output, reply);
      return Object.assign(reply, { output }) as ChatReply<Output>;
    },
    stream: (request) => start(request, 'stream'),
    embed,
    countTokens,
    feedback,
    compare: createCompare((request) => gateway.chat(request)),
    async correctCost(id, actual) {
      checkActualCost(actual);
      const record = await ledger.get(id);
      if (record === undefined) return false;
      const { costUsd, tokensIn = record.tokensIn, tokensOut = record.tokensOut } = actual;
      ledger.amend(id, { costUsd, tokensIn, tokensOut, estimated: false });
      // The attempts of an embedding share one reservation.
      const attempt = record.operation === 'embed' ? 1 : (record.attempt ?? 1);
      await options.budgets?.correct(budgetLease(record.groupId ?? id, attempt), costUsd);
      return true;
    },
    batches: createBatches({
      registry,
      ledger,
      router,
      secrets,
      callProvider,
      defaultModel,
      retry,
      budgets: options.budgets,
      spender,
      closing: closing.signal,
    }),
    registry,
    ledger,
    routing,
    on,
    async close() {
      closing.abort(gatewayClosed());
      for (const cancellation of running.items())
        cancellation.cancel(new MillraceError('CANCELLED', 'The gateway was closed.'));
      await shadow.idle();
      await cache?.flush();
      await spender?.flush();
      await routing.close();
      await ledger.flush();
    },
    [Symbol.asyncDispose]: () => gateway.close(),
  };
  return gateway;
};
