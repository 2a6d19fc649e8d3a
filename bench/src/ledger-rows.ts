import type { LedgerRecord } from '@millrace/core/ledger';

const DAY = 86_400_000;
/** Calls of a year. */
export const PERIOD = 365 * DAY;

const PROVIDERS = ['openai', 'anthropic', 'google', 'local', 'mistral'];
const CATEGORIES = ['code', 'chat', 'summary', 'translation', 'extraction', 'analysis', 'creative', 'other'];
const STAGES = ['whitespace', 'repeats', 'logs', 'history', 'trim'];
const MODELS = 20;
const PROJECTS = 20;
const USERS = 1_000;

/** Numbers from 0 to 1 that are the same in every run. */
const createRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Places of which the first are far more frequent than the last, as models and projects are. */
const skewed = (random: number, count: number): number => Math.floor(count * random ** 2.5);

/** Calls of a year that ends at `end`, in the order of time. */
export function* ledgerRows(count: number, end: number): Generator<LedgerRecord> {
  const random = createRandom(7);
  for (let index = 0; index < count; index++) {
    const startedAt = Math.floor(end - PERIOD + (PERIOD * index) / count);
    const time = startedAt.toString(16).padStart(12, '0');
    const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${index.toString(16).padStart(12, '0')}`;
    const model = skewed(random(), MODELS);
    const luck = random();
    const status = luck < 0.95 ? 'success' : luck < 0.98 ? 'error' : luck < 0.99 ? 'cancelled' : 'retried';
    const cached = status === 'success' && random() < 0.15;
    const tokensIn = Math.floor(200 + 8_000 * random() ** 3);
    const tokensOut = Math.floor(20 + 1_500 * random() ** 2);
    const latencyMs = Math.round(10 * Math.exp(4.6 + 2.4 * random())) / 10;
    const saved = Math.floor(tokensIn * 0.1 * random());
    yield {
      id,
      groupId: id,
      attempt: 1,
      startedAt,
      status,
      errorCode: status === 'error' ? 'RATE_LIMITED' : null,
      finishReason: status === 'success' ? 'stop' : null,
      requestedModel: 'auto',
      provider: PROVIDERS[model % PROVIDERS.length] ?? null,
      model: `model-${model}`,
      servedModel: `model-${model}-2026-05-01`,
      routeReason: 'The cheapest model that is good enough for this kind of task.',
      operation: 'stream',
      tokensIn: cached ? 0 : tokensIn,
      tokensOut: cached ? 0 : tokensOut,
      tokensCacheRead: Math.floor(tokensIn / 3),
      tokensCacheWrite: null,
      tokensReasoning: null,
      cache: cached ? 'hit' : null,
      savedUsd: cached ? tokensIn * 2e-6 : 0,
      tokensSaved: cached ? tokensIn + tokensOut : 0,
      estimated: false,
      costUsd: cached ? 0 : tokensIn * 2e-6 + tokensOut * 8e-6,
      latencyMs: cached ? 2 : latencyMs,
      timeToFirstTokenMs: cached ? 1 : latencyMs / 4,
      project: `project-${skewed(random(), PROJECTS)}`,
      user: `user-${skewed(random(), USERS)}`,
      tags: index % 10 === 0 ? ['nightly', 'batch'] : ['interactive'],
      category: CATEGORIES[skewed(random(), CATEGORIES.length)] ?? null,
      complexity: Math.floor(random() * 10),
      rating: random() < 0.05 ? Math.ceil(random() * 5) : null,
      experiment: index % 20 === 0 ? 'cheaper-summaries' : null,
      experimentArm: index % 20 === 0 ? (index % 40 === 0 ? 'a' : 'b') : null,
      budgetLeftUsd: 100 * random(),
      tokensBeforeCompression: tokensIn + saved,
      tokensAfterCompression: tokensIn,
      compression: Object.fromEntries(STAGES.map((stage, place) => [stage, Math.floor(saved / (place + 2))])),
      routeMode: 'balanced',
      failover: false,
    };
  }
}
