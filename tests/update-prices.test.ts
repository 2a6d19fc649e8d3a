import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { type ScratchFolder, scratchFolder } from './support/scratch-folder.ts';

const SCRIPT = fileURLToPath(new URL('../scripts/update-prices.mjs', import.meta.url));

const run = (...options: string[]) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [SCRIPT, ...options], { encoding: 'utf8' });
  return { out: stdout, error: stderr, status };
};

const VENDOR = {
  provider: 'acme-ai',
  file: 'acme/models.ts',
  constant: 'ACME_MODELS',
  about: "Acme's models.",
  sources: ['acme.example/prices'],
  batch: { factor: 0.5 },
  webSearch: true,
  families: { big: { contextWindow: 1000, maxOutputTokens: 100, capabilities: { tools: true } } },
  ignored: ['^old-'],
  models: [
    { id: 'plain', tier: 'economy', family: 'big' },
    { id: 'stepped', family: 'big', contextWindow: 9000 },
    { id: 'dated', from: 'dated-at-source', family: 'big', batchCache: 'usual' },
    { id: 'ours', aliases: ['ours-1'], family: 'big', batchCache: 'none' },
    { id: 'vector', embedding: true, contextWindow: 10 },
  ],
};
const OVERRIDES = {
  acme: {
    ours: {
      asOf: '2026-02-02',
      source: 'a call',
      reason: 'a deal',
      nextPrice: { from: '2026-12-01', price: { input: 3, output: 6 } },
      price: { input: 1, output: 2, cacheRead: 0.5 },
    },
  },
};
const plain = {
  id: 'plain',
  prices: { output_mtok: 2, input_mtok: 1, cache_write_1h_mtok: 3, web_searches_kcount: 10 },
};
const DATA = [
  plain,
  {
    id: 'stepped',
    prices: {
      input_mtok: {
        base: 1,
        tiers: [
          { start: 500, price: 4 },
          { start: 100, price: 2 },
        ],
      },
      output_mtok: { base: 3, tiers: [{ start: 100, price: 6 }] },
      cache_read_mtok: 0.1,
      storage_searches_kcount: 2.5,
    },
  },
  {
    id: 'dated-at-source',
    prices: [
      { prices: { input_mtok: 9, output_mtok: 9 } },
      {
        constraint: { type: 'start_date', start_date: '2027-01-01' },
        prices: { input_mtok: 7, output_mtok: 7 },
      },
      {
        constraint: { type: 'start_date', start_date: '2026-01-01' },
        prices: { input_mtok: 0.3, output_mtok: 0.7, cache_read_mtok: 0.1 },
      },
    ],
  },
  { id: 'ours', prices: { input_mtok: 5, output_mtok: 5 } },
  { id: 'vector', prices: { input_mtok: 0.2, output_mtok: 0.2 } },
  { id: 'old-one', prices: { input_mtok: 1, output_mtok: 1 } },
];

const DAYS = ['--as-of', '2026-03-03', '--today', '2026-11-20'];

const folders: ScratchFolder[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder[Symbol.dispose]();
});

/** A folder like the repository, with one vendor and a data set. */
const prepare = () => {
  const folder = scratchFolder();
  folders.push(folder);
  const root = folder.path;
  const write = (name: string, content: unknown): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), JSON.stringify(content));
  };
  write('scripts/prices/models/acme.json', VENDOR);
  write('scripts/prices/overrides.json', OVERRIDES);
  write('acme/package.json', { type: 'module' });
  return {
    root,
    write,
    list: () => readFileSync(join(root, VENDOR.file), 'utf8'),
    update(models: readonly object[], ...options: string[]) {
      write('data.json', [{ id: 'acme-ai', models }]);
      return run('--root', root, '--data', join(root, 'data.json'), ...DAYS, ...options);
    },
  };
};

/** The lines of the report, in order, without the padding. */
const linesOf = (out: string): string[] =>
  out
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.trim().replace(/ +/g, ' '));

test("the repository's lists are what its files and the recorded data set give", () => {
  expect(run('--check')).toEqual({ out: '', error: '', status: 0 });
});

test('a list is data: facts of ours, prices of the data set, and overrides before them', () => {
  const { update, list } = prepare();
  const { out, status } = update(DATA, '--write');
  expect(status).toBe(0);
  expect(linesOf(out)).toEqual([
    'added plain: input 1, output 2',
    'added stepped: input 1, output 3, other prices above 100 tokens',
    'added dated: input 0.3, output 0.7',
    'later dated: input 7, output 7 from 2027-01-01',
    'added ours: input 1, output 2',
    'later ours: input 3, output 6 from 2026-12-01',
    'added vector: input 0.2, output 0',
  ]);
  const [header, ...body] = list().split('\n/** ');
  expect(header).toMatch(/^\/\/ Generated .*\n.*from a file.*\n\/\/ after acme\.example\/prices\./);
  expect(body.join('\n/** ')).toMatchInlineSnapshot(`
    "Acme's models. */
    export const ACME_MODELS: readonly ModelInfo[] = [
      {
        id: 'plain', tier: 'economy', contextWindow: 1000, maxOutputTokens: 100, capabilities: { tools: true }, asOf: '2026-03-03',
        price: {
          input: 1, output: 2, cacheWriteLong: 3, webSearch: 10,
          batch: { input: 0.5, output: 1, cacheWriteLong: 1.5 },
        },
      },
      {
        id: 'stepped', contextWindow: 9000, maxOutputTokens: 100, capabilities: { tools: true }, asOf: '2026-03-03',
        price: {
          input: 1, output: 3, cacheRead: 0.1,
          longContext: { input: 2, output: 6, cacheRead: 0.1, aboveInputTokens: 100, longContext: { input: 4, output: 6, cacheRead: 0.1, aboveInputTokens: 500 } },
          batch: { input: 0.5, output: 1.5, cacheRead: 0.05, longContext: { input: 1, output: 3, cacheRead: 0.05, aboveInputTokens: 100, longContext: { input: 2, output: 3, cacheRead: 0.05, aboveInputTokens: 500 } } },
        },
      },
      {
        id: 'dated', contextWindow: 1000, maxOutputTokens: 100, capabilities: { tools: true }, asOf: '2026-03-03',
        price: {
          input: 0.3, output: 0.7, cacheRead: 0.1,
          batch: { input: 0.15, output: 0.35, cacheRead: 0.1 },
        },
        nextPrice: { from: '2027-01-01', price: { input: 7, output: 7, batch: { input: 3.5, output: 3.5 } } },
      },
      {
        id: 'ours', aliases: ['ours-1'], contextWindow: 1000, maxOutputTokens: 100, capabilities: { tools: true }, asOf: '2026-02-02',
        price: {
          input: 1, output: 2, cacheRead: 0.5,
          batch: { input: 0.5, output: 1 },
        },
        nextPrice: { from: '2026-12-01', price: { input: 3, output: 6, batch: { input: 1.5, output: 3 } } },
      },
    ];

    /** Models that make vectors. */
    export const ACME_EMBEDDING_MODELS: readonly ModelInfo[] = [
      {
        id: 'vector', contextWindow: 10, asOf: '2026-03-03',
        price: { input: 0.2, output: 0 },
      },
    ];
    "
  `);
});

test('the same data give the same bytes, in whatever order they come', () => {
  const { update, list } = prepare();
  update(DATA, '--write');
  const first = list();
  const { out } = update(DATA, '--write');
  expect(out).toContain('Written: 0 of 1 lists.');
  const backwards = DATA.toReversed().map(({ id, prices }) => ({
    prices: Array.isArray(prices)
      ? prices.toReversed()
      : Object.fromEntries(Object.entries(prices).toReversed()),
    id,
  }));
  update(backwards, '--write');
  expect(list()).toBe(first);
});

test('differences are told, and without --write nothing is written', () => {
  const { root, update, list, write } = prepare();
  update(DATA, '--write');
  const before = list();
  write('scripts/prices/models/acme.json', { ...VENDOR, models: VENDOR.models.slice(0, -1) });
  const { out, status } = update([
    { ...plain, prices: { ...plain.prices, input_mtok: 0.5, cache_read_mtok: 0.1 } },
    {
      id: 'ours',
      prices: [
        { prices: { input_mtok: 1, output_mtok: 2, cache_read_mtok: 0.5 } },
        {
          constraint: { type: 'start_date', start_date: '2026-12-01' },
          prices: { input_mtok: 3, output_mtok: 6 },
        },
      ],
    },
    { id: 'brand-new', prices: { input_mtok: 3, output_mtok: 4 } },
    { id: 'leaving', deprecated: true, prices: { input_mtok: 3, output_mtok: 4 } },
    { id: 'odd', prices: {} },
  ]);
  expect(status).toBe(0);
  expect(linesOf(out)).toEqual([
    'changed plain: input 1 -> 0.5, cacheRead none -> 0.1',
    'vanished stepped: not in the data set; its price was kept',
    'vanished dated: not in the data set; its price was kept',
    'later dated: input 7, output 7 from 2027-01-01',
    'override ours: the data set says the same now; the override can go',
    'later ours: input 3, output 6 from 2026-12-01',
    'removed vector: no longer in scripts/prices/models/acme.json',
    'new brand-new: input 3, output 4; add it to scripts/prices/models/acme.json',
    'new odd: it has no price of input; add it to scripts/prices/models/acme.json',
  ]);
  expect(out).toContain('Nothing was written');
  expect(list()).toBe(before);
  expect(readFileSync(join(root, 'scripts/prices/source.json'), 'utf8')).toContain('"written": "2026-11-20"');
});

const RATES = { input_mtok: 1, output_mtok: 1 };
test.each([
  [
    'the hour',
    [
      { prices: RATES },
      { constraint: { type: 'time_of_date', start_time: '1', end_time: '2' }, prices: RATES },
    ],
    'it depends on the time of day',
  ],
  [
    'a later day',
    [{ constraint: { type: 'start_date', start_date: '2027-01-01' }, prices: RATES }],
    'it begins on 2027-01-01',
  ],
  [
    'a unit that is not known',
    { ...RATES, output_reasoning_mtok: 3 },
    '"output_reasoning_mtok" is not a price that is known here',
  ],
  ['text', { ...RATES, input_mtok: '1' }, '"input_mtok" is not a price: "1"'],
  ['less than nothing', { ...RATES, input_mtok: -1 }, '"input_mtok" is not a price: -1'],
  ['nothing', { ...RATES, input_mtok: null }, '"input_mtok" is not a price: null'],
  ['no output', { input_mtok: 1 }, 'it has no price of output'],
  [
    'steps without a limit',
    { ...RATES, input_mtok: { base: 1, tiers: [{ price: 1 }] } },
    '"input_mtok" has a step that is not understood',
  ],
])('a price that cannot be read stays as it was: %s', (_, prices, reason) => {
  const { update, list } = prepare();
  update(DATA, '--write');
  const before = list();
  const { out } = update([{ id: 'plain', prices }, ...DATA.slice(1)], '--write');
  expect(linesOf(out)).toContain(`not read plain: ${reason}; its price was kept`);
  expect(list()).toBe(before);
});

test('a model whose price was never read has none', () => {
  const { update, list } = prepare();
  const { out } = update([{ id: 'plain', prices: {} }, ...DATA.slice(1)], '--write');
  expect(linesOf(out)).toContain('not read plain: it has no price of input; it has no price');
  expect(list()).toMatch(/id: 'plain', tier: 'economy',[^\n]*\n {2}\},/);
});

test('prices that were announced hold from their day on', () => {
  const { update } = prepare();
  update(DATA, '--write');
  expect(linesOf(update(DATA, '--today', '2027-01-01').out)).toEqual([
    'changed dated: input 0.3 -> 7, output 0.7 -> 7, cacheRead 0.1 -> none',
    'changed ours: input 1 -> 3, output 2 -> 6, cacheRead 0.5 -> none',
  ]);
});

test('a list that was edited by hand fails the check', () => {
  const { root, update, list } = prepare();
  update(DATA, '--write');
  expect(update(DATA, '--check').status).toBe(0);
  writeFileSync(join(root, VENDOR.file), list().replace('output: 2', 'output: 1'));
  expect(update(DATA, '--check')).toMatchObject({
    status: 1,
    error: expect.stringContaining('acme/models.ts'),
  });
});

test('what is wrong with the call or the files is said in a sentence', () => {
  const { root, update, write } = prepare();
  expect(run('--as-of', 'yesterday')).toMatchObject({
    status: 1,
    error: expect.stringMatching(/^--as-of must be a day/),
  });
  expect(run('--wrote')).toMatchObject({ status: 1, error: expect.stringContaining("'--wrote'") });
  expect(run('--write', '--check').error).toMatch(/^--write and --check exclude each other/);
  expect(run('--root', root, '--data', join(root, 'data.json')).error).toMatch(/^--data needs --as-of/);
  write('scripts/prices/overrides.json', { acme: { plian: {} } });
  expect(update(DATA).error).toContain('acme has no model "plian"');
});
