import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '../../../test/routing/seeded-random.js';
import { createMemoryValueStore } from '../../storage/memory/memory-value-store.js';
import { createSqliteValueStore } from '../../storage/sqlite/sqlite-value-store.js';
import type { ValueStore } from '../../storage/value-store.js';
import type { Experiment } from './experiment.js';
import type { ExperimentEvent } from './experiment-event.js';
import { createExperiments, type Experiments, type ExperimentsOptions } from './experiments.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-experiments-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CODE: Experiment = {
  id: 'cheaper-code',
  categories: ['code'],
  control: { targets: ['openai:gpt-4o'] },
  challenger: { targets: ['openai:gpt-4o-mini', 'openai:gpt-4o'] },
  share: 0.5,
};

const HOUR = 3_600_000;

const open = (options: Partial<ExperimentsOptions> = {}) => {
  const events: ExperimentEvent[] = [];
  const experiments = createExperiments({
    experiments: [CODE],
    clock: () => 1_000,
    syncMs: HOUR,
    ...options,
  });
  experiments.on((event) => events.push(event));
  return { experiments, events };
};

/** Lets subjects make one call each; answers how often the challenger was called. */
const use = (
  experiments: Experiments,
  { from, to, challenger, control }: { from: number; to: number; challenger: number; control: number },
) => {
  const random = seededRandom(from + 1);
  for (let index = from; index < to; index++) {
    const assignment = experiments.assign(`user-${index}`, 'code');
    if (assignment === undefined) throw new Error('not assigned');
    const rate = assignment.arm === 'control' ? control : challenger;
    experiments.record(assignment, { score: random() < rate ? 1 : 0, latencyMs: 200, costUsd: 0.001 });
  }
};

test('a subject gets its arm, with the models and a reason', () => {
  const { experiments } = open({ experiments: [{ ...CODE, share: 1 }] });
  expect(experiments.assign('user-1', 'code')).toEqual({
    experiment: 'cheaper-code',
    subject: 'user-1',
    arm: 'challenger',
    targets: ['openai:gpt-4o-mini', 'openai:gpt-4o'],
    shadow: [],
    reason: 'experiment "cheaper-code": challenger, 100 % of subjects',
  });
});

test('only categories of the experiment take part', () => {
  const everything: Experiment = { ...CODE, id: 'everything', categories: undefined };
  const { experiments } = open({ experiments: [CODE, everything] });
  expect(experiments.assign('user-1', 'code')?.experiment).toBe('cheaper-code');
  expect(experiments.assign('user-1', 'chat')?.experiment).toBe('everything');
  expect(experiments.assign('user-1')?.experiment).toBe('everything');
  expect(open().experiments.assign('user-1', 'chat')).toBeUndefined();
});

test('an experiment that is added moves nobody in the one before it', () => {
  const subjects = Array.from({ length: 200 }, (_, index) => `user-${index}`);
  const armsOf = ({ experiments }: { experiments: Experiments }) =>
    subjects.map((subject) => experiments.assign(subject, 'code')?.arm);
  expect(armsOf(open({ experiments: [CODE, { ...CODE, id: 'other' }] }))).toEqual(armsOf(open()));
});

test('shadow traffic goes to its share of subjects, whatever their arm', () => {
  const shadow = { targets: ['ollama:qwen'], share: 0.25 };
  const { experiments } = open({ experiments: [{ ...CODE, shadow }] });
  const counts = { control: 0, challenger: 0 };
  for (let index = 0; index < 4_000; index++) {
    const assignment = experiments.assign(`user-${index}`, 'code');
    if (assignment?.shadow[0] === 'ollama:qwen') counts[assignment.arm] += 1;
  }
  expect(counts.control).toBeGreaterThan(400);
  expect(counts.challenger).toBeGreaterThan(400);
  expect(counts.control + counts.challenger).toBeLessThan(1_150);
});

test('a challenger that is better is promoted once, and then everybody gets it', () => {
  const { experiments, events } = open();
  use(experiments, { from: 0, to: 3_000, control: 0.5, challenger: 0.9 });
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    type: 'experiment-promote',
    experiment: 'cheaper-code',
    targets: ['openai:gpt-4o-mini', 'openai:gpt-4o'],
    report: { decision: { status: 'promoted', at: 1_000 } },
  });
  for (let index = 0; index < 50; index++) {
    expect(experiments.assign(`user-${index}`, 'code')).toMatchObject({
      arm: 'challenger',
      reason: 'experiment "cheaper-code": the challenger was promoted',
    });
  }
});

test('a challenger that fails too often is stopped by its guard rail, and nobody gets it any more', () => {
  const { experiments, events } = open({
    experiments: [{ ...CODE, guardRails: { errorRate: 0.02 }, shadow: { targets: ['x'], share: 1 } }],
  });
  for (let index = 0; index < 500; index++) {
    const assignment = experiments.assign(`user-${index}`, 'code');
    if (assignment?.arm === 'challenger') experiments.record(assignment, { error: index % 3 === 0 });
  }
  expect(events).toMatchObject([{ type: 'experiment-stop', reason: 'guard-rail', rail: 'errorRate' }]);
  expect(experiments.assign('user-1', 'code')).toMatchObject({
    arm: 'control',
    targets: ['openai:gpt-4o'],
    shadow: [],
    reason: 'experiment "cheaper-code": the control stays (errorRate)',
  });
});

test('both sides are reported', () => {
  const { experiments } = open({ experiments: [{ ...CODE, guardRails: { costUsdPerCall: 1 } }] });
  const whose = { experiment: 'cheaper-code', subject: 'a' } as const;
  experiments.record({ ...whose, arm: 'control' }, { score: 0.5, latencyMs: 100, costUsd: 0.25 });
  experiments.record({ ...whose, arm: 'challenger', subject: 'b' }, { error: true });
  const [report] = experiments.reports();
  expect(report).toMatchObject({
    experiment: 'cheaper-code',
    decision: undefined,
    arms: {
      control: { calls: 1, errorRate: 0, meanScore: 0.5, costUsdPerCall: 0.25 },
      challenger: {
        calls: 1,
        errorRate: 1,
        meanScore: 0,
        p95LatencyMs: undefined,
        costUsdPerCall: undefined,
      },
    },
    comparedScores: 2,
    difference: -0.5,
    guardRails: [{ rail: 'costUsdPerCall', limit: 1, evidence: 1 }],
  });
  expect(report?.better.needed).toBeCloseTo(40);
});

test('an experiment goes on when its share is raised, and begins anew when its models change', () => {
  const { experiments } = open();
  use(experiments, { from: 0, to: 10, control: 1, challenger: 1 });
  const callsOf = () => {
    const { control, challenger } = experiments.reports()[0]!.arms;
    return control.calls + challenger.calls;
  };
  experiments.update([{ ...CODE, share: 0.9 }]);
  expect(callsOf()).toBe(10);
  experiments.update([{ ...CODE, challenger: { targets: ['anthropic:haiku'] } }]);
  expect(callsOf()).toBe(0);
  experiments.update([]);
  experiments.record({ experiment: 'cheaper-code', subject: 'a', arm: 'control' }, { score: 1 });
  expect(experiments.reports()).toEqual([]);
});

test('a snapshot survives JSON, and the experiment goes on from it', () => {
  const before = open();
  use(before.experiments, { from: 0, to: 60, control: 0.6, challenger: 0.7 });
  const snapshot = JSON.parse(JSON.stringify(before.experiments.snapshot()));
  const after = open();
  after.experiments.load(snapshot);
  expect(after.experiments.reports()).toEqual(before.experiments.reports());
  for (const { experiments } of [before, after]) {
    use(experiments, { from: 30, to: 120, control: 0.6, challenger: 0.7 });
  }
  expect(after.experiments.snapshot()).toEqual(before.experiments.snapshot());
});

test.each([undefined, {}, { version: 1 }, { version: 3, states: {} }])(
  '%j is refused as a snapshot',
  (snapshot) => {
    expect(() => open().experiments.load(snapshot as never)).toThrow(/no snapshot/);
  },
);

test('a snapshot that is damaged is refused', () => {
  const { experiments } = open();
  const snapshot = JSON.parse(JSON.stringify(experiments.snapshot()));
  for (const state of Object.values<{ comparison: { better: { logWealth: number[] } } }>(snapshot.states)) {
    state.comparison.better.logWealth.pop();
  }
  expect(() => experiments.load(snapshot)).toThrow(/not complete/);
});

const processes = (stores: readonly ValueStore[]) => stores.map((store) => open({ store }));

test('processes put what they saw into one state and decide once for all', async () => {
  const path = join(folder, 'shared.db');
  const stores = Array.from({ length: 3 }, () => createSqliteValueStore({ path }));
  const all = processes(stores);
  await Promise.all(all.map(({ experiments }) => experiments.sync()));
  for (let round = 0; round < 12; round++) {
    await Promise.all(
      all.map(async ({ experiments }, index) => {
        const from = (round * all.length + index) * 30;
        use(experiments, { from, to: from + 30, control: 0.5, challenger: 0.9 });
        await experiments.sync();
      }),
    );
  }
  await Promise.all(all.map(({ experiments }) => experiments.sync()));
  const [first, ...others] = all.map(({ experiments }) => experiments.reports());
  for (const other of others) expect(other).toEqual(first);
  expect(first?.[0]?.decision?.status).toBe('promoted');
  for (const { events } of all) expect(events.map(({ type }) => type)).toEqual(['experiment-promote']);
  const late = open({ store: stores[0]! });
  await late.experiments.sync();
  expect(late.experiments.assign('user-1', 'code')?.arm).toBe('challenger');
  expect(late.events).toEqual([]);
  for (const { experiments } of [...all, late]) await experiments.close();
  for (const store of stores) await store.close();
});

test('nothing is lost or counted twice when processes write at once and answers of the store are lost', async () => {
  const store = createMemoryValueStore();
  let turn = 0;
  const flaky: ValueStore = {
    ...store,
    async compareAndSet(...change) {
      const written = await store.compareAndSet(...change);
      turn += 1;
      if (turn % 3 === 0) throw new Error('connection reset');
      return written;
    },
  };
  const quiet = { store: flaky, onStoreError: () => undefined };
  const all = Array.from({ length: 4 }, () => open(quiet));
  for (let round = 0; round < 6; round++) {
    await Promise.allSettled(
      all.map(({ experiments }, index) => {
        const from = (round * all.length + index) * 5;
        use(experiments, { from, to: from + 5, control: 0.7, challenger: 0.7 });
        return experiments.sync();
      }),
    );
  }
  for (const { experiments } of all) {
    for (let attempt = 0; attempt < 5; attempt++) await experiments.sync().catch(() => undefined);
    await experiments.close();
  }
  const reader = open({ store });
  await reader.experiments.sync();
  const { control, challenger } = reader.experiments.reports()[0]!.arms;
  expect(control.calls + challenger.calls).toBe(6 * 4 * 5);
  await reader.experiments.close();
});

test('when the store fails, subjects are dealt out all the same', async () => {
  const down = () => Promise.reject(new Error('down'));
  const store: ValueStore = { ...createMemoryValueStore(), get: down, compareAndSet: down };
  const errors: Error[] = [];
  const { experiments } = open({ store, onStoreError: (error) => errors.push(error) });
  use(experiments, { from: 0, to: 10, control: 1, challenger: 1 });
  expect(experiments.assign('user-1', 'code')?.arm).toBe(open().experiments.assign('user-1', 'code')?.arm);
  await experiments.close();
  expect(errors.length).toBeGreaterThan(0);
  expect(() => experiments.load({ version: 1, states: {} })).toThrow(/in the store/);
});

test.each<[Partial<Experiment>, RegExp]>([
  [{ id: '' }, /"id"/],
  [{ share: 1.5 }, /share/],
  [{ alpha: 0 }, /alpha/],
  [{ guardAlpha: 0.9 }, /guardAlpha/],
  [{ maxScores: 0 }, /maxScores/],
  [{ challenger: { targets: [] } }, /challenger\.targets/],
  [{ guardRails: { errorRate: 0 } }, /errorRate/],
  [{ guardRails: { p95LatencyMs: -1 } }, /p95LatencyMs/],
  [{ guardRails: { costUsdPerCall: Number.NaN } }, /costUsdPerCall/],
  [{ shadow: { targets: ['x'], share: 2 } }, /shadow\.share/],
])('an experiment with %j is refused', (part, message) => {
  expect(() => open({ experiments: [{ ...CODE, ...part }] })).toThrow(message);
});

test('two experiments of one id are refused', () => {
  expect(() => open({ experiments: [CODE, CODE] })).toThrow(/two of it/);
});

test.each([{ score: 1.1 }, { score: Number.NaN }, { latencyMs: -1 }, { costUsd: Number.NaN }])(
  'an outcome with %j is refused',
  (outcome) => {
    const { experiments } = open();
    const whose = { experiment: 'cheaper-code', subject: 'a', arm: 'control' } as const;
    expect(() => experiments.record(whose, outcome)).toThrow(/An outcome of an experiment needs/);
  },
);

test('a listener that throws does no harm, and one that has left is not told', () => {
  const { experiments, events } = open({ experiments: [{ ...CODE, maxScores: 2, unit: 'outcome' }] });
  let told = 0;
  experiments.on(() => {
    throw new Error('mine');
  });
  const leave = experiments.on(() => {
    told += 1;
  });
  leave();
  use(experiments, { from: 0, to: 20, control: 1, challenger: 1 });
  expect(events).toMatchObject([{ type: 'experiment-stop', reason: 'inconclusive' }]);
  expect(told).toBe(0);
});
