import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger } from '@millrace/core/ledger';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import type { Effort } from './cpu.ts';
import { measureLedgerLoad } from './ledger-load.ts';
import { ledgerRows, PERIOD } from './ledger-rows.ts';
import { type Measurement, median } from './ratio.ts';

const ROWS = 1_000_000;
/** Rows that are recorded before the event loop has its turn. */
const STRETCH = 1_000;
/** What a query may take, in milliseconds. */
const QUERY_PROMISE = 200;
/** Rows that are written in a second, at least. */
const WRITE_PROMISE = 5_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Seconds of wall clock and of CPU. */
const fill = async (ledger: Ledger, rows: number, end: number) => {
  const began = performance.now();
  const before = process.cpuUsage();
  let recorded = 0;
  for (const row of ledgerRows(rows, end)) {
    ledger.record(row);
    recorded += 1;
    if (recorded % STRETCH === 0) await nextTurn();
    if (recorded % 20_000 === 0) await ledger.flush();
  }
  await ledger.flush();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - began) / 1_000, cpu: (user + system) / 1e6 };
};

type Query = (ledger: Ledger) => Promise<unknown>;

/** Every statistic, over the whole year unless its name says otherwise. */
const queries = (end: number): Readonly<Record<string, Query>> => {
  const from = end - PERIOD;
  const year = { from };
  const month = { from: end - 40 * DAY - 12_345, before: end - 10 * DAY };
  const premium = { input: 15, output: 75 };
  return {
    'totals of everything': (ledger) => ledger.summarize(),
    'cost by hours, a month, Kolkata': (ledger) =>
      ledger.series({ ...month, unit: 'hour', timeZone: 'Asia/Kolkata' }),
    'cost by hours of the whole year, Berlin': (ledger) =>
      ledger.series({ ...year, unit: 'hour', timeZone: 'Europe/Berlin' }),
    'cost by days, Berlin': (ledger) => ledger.series({ ...year, unit: 'day', timeZone: 'Europe/Berlin' }),
    'cost by weeks, New York': (ledger) =>
      ledger.series({ ...year, unit: 'week', timeZone: 'America/New_York' }),
    'monthly trends, Kolkata': (ledger) =>
      ledger.series({ ...year, unit: 'month', timeZone: 'Asia/Kolkata' }),
    'monthly trends by model': (ledger) =>
      ledger.series({ ...year, unit: 'month', timeZone: 'Europe/Berlin', by: ['model'] }),
    'cost by days and provider, a quarter': (ledger) =>
      ledger.series({ from: end - 91 * DAY, unit: 'day', timeZone: 'Europe/Berlin', by: ['provider'] }),
    'cost by days of a project': (ledger) =>
      ledger.series({ ...year, unit: 'day', timeZone: 'Europe/Berlin', project: 'project-0' }),
    'cost by provider': (ledger) => ledger.summarize({ ...year, by: ['provider'] }),
    'cost by model': (ledger) => ledger.summarize({ ...year, by: ['provider', 'model'] }),
    'success by category': (ledger) => ledger.summarize({ ...year, by: ['category'] }),
    'success by category and model': (ledger) => ledger.summarize({ ...year, by: ['category', 'model'] }),
    'success by model in a category': (ledger) =>
      ledger.summarize({ ...year, by: ['model'], category: 'code' }),
    'cost by project': (ledger) => ledger.summarize({ ...year, by: ['project'] }),
    'cost by model of the largest project': (ledger) =>
      ledger.summarize({ ...year, by: ['model'], project: 'project-0' }),
    'cost by user': (ledger) => ledger.summarize({ ...year, by: ['user'] }),
    'cost by model of a user': (ledger) => ledger.summarize({ ...year, by: ['model'], user: 'user-500' }),
    'cost of a category in a project, a month': (ledger) =>
      ledger.summarize({ ...month, category: 'chat', project: 'project-1' }),
    'cost by days and model': (ledger) =>
      ledger.series({ ...year, unit: 'day', timeZone: 'Europe/Berlin', by: ['model'] }),
    'cost by served model': (ledger) => ledger.summarize({ ...year, by: ['servedModel'] }),
    'failures by error code and provider': (ledger) =>
      ledger.summarize({ ...year, by: ['errorCode', 'provider'] }),
    'arms of an experiment': (ledger) =>
      ledger.summarize({ ...year, by: ['experimentArm'], experiment: 'cheaper-summaries' }),
    'cost by operation and route mode': (ledger) =>
      ledger.summarize({ ...year, by: ['operation', 'routeMode'] }),
    'cost by user and model of a category in a project': (ledger) =>
      ledger.summarize({ ...year, by: ['user', 'model'], category: 'code', project: 'project-3' }),
    'cost by category of a user in the largest project': (ledger) =>
      ledger.summarize({ ...year, by: ['category'], user: 'user-0', project: 'project-0' }),
    'cost by model of a tag': (ledger) => ledger.summarize({ ...year, by: ['model'], tag: 'interactive' }),
    'cost by days of a tag': (ledger) =>
      ledger.series({ ...year, unit: 'day', timeZone: 'Europe/Berlin', tag: 'nightly' }),
    'compression by stage in a project': (ledger) => ledger.compression({ ...year, project: 'project-0' }),
    'latency percentiles by project': (ledger) => ledger.latency({ ...year, by: ['project'] }),
    'latency percentiles by category': (ledger) => ledger.latency({ ...year, by: ['category'] }),
    'latency percentiles by experiment': (ledger) => ledger.latency({ ...year, by: ['experiment'] }),
    'latency percentiles by user': (ledger) => ledger.latency({ ...year, by: ['user'] }),
    'latency percentiles of a user': (ledger) => ledger.latency({ ...year, user: 'user-500' }),
    'latency percentiles': (ledger) => ledger.latency(year),
    'latency percentiles by model': (ledger) => ledger.latency({ ...year, by: ['model'] }),
    'provider comparison': (ledger) => ledger.compare({ ...year, by: ['provider'] }),
    'provider comparison, the last hour': (ledger) => ledger.compare({ from: end - HOUR, by: ['provider'] }),
    'savings against a premium model': (ledger) => ledger.savings({ ...year, premium }),
    'compression by stage': (ledger) => ledger.compression(year),
    'recent requests': (ledger) => ledger.list({ limit: 50 }),
    'recent requests of a rare model that failed': (ledger) =>
      ledger.list({ limit: 50, model: 'model-19', status: 'error' }),
    'dearest requests': (ledger) => ledger.list({ limit: 50, sort: 'costUsd' }),
    'slowest requests of a project, a month': (ledger) =>
      ledger.list({ ...month, limit: 50, sort: 'latencyMs', project: 'project-9' }),
    'dearest requests of the largest project': (ledger) =>
      ledger.list({ limit: 50, sort: 'costUsd', project: 'project-0' }),
    'slowest requests of a category in a project': (ledger) =>
      ledger.list({ limit: 50, sort: 'latencyMs', project: 'project-9', category: 'code' }),
    'slowest requests of all that went well': (ledger) =>
      ledger.list({ limit: 50, sort: 'latencyMs', status: 'success' }),
    'recent requests with a tag that nobody gave': (ledger) => ledger.list({ limit: 50, tag: 'nothing' }),
    'dearest requests with a tag that nobody gave': (ledger) =>
      ledger.list({ limit: 50, sort: 'costUsd', tag: 'nothing' }),
    'recent requests with a tag': (ledger) => ledger.list({ limit: 50, tag: 'nightly' }),
  };
};

/** Milliseconds of each query, the median of some rounds behind one to warm up. */
const time = async (ledger: Ledger, query: Query, rounds: number): Promise<number> => {
  await query(ledger);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await query(ledger);
    times.push(performance.now() - began);
  }
  return median(times);
};

/** What it costs to record calls with their totals, and to ask for statistics of a million of them. */
export const measureLedger = async (_upstream: string, { rounds, scale }: Effort): Promise<Measurement[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const ledger = sqliteLedger({ path: join(folder, 'ledger.db') });
  const rows = Math.round(ROWS * scale);
  const end = Date.now();
  try {
    const { wall, cpu } = await fill(ledger, rows, end);
    const written = rows / wall;
    const measurements: Measurement[] = [
      {
        name: 'ledger: rows written in a second / 5,000',
        ratio: written / WRITE_PROMISE,
        bar: { kind: 'at-least', value: 1 },
        detail: `${rows} rows in ${wall.toFixed(0)} s`,
      },
      {
        name: 'ledger: CPU of 5,000 rows / a second of one core',
        ratio: (cpu / rows) * WRITE_PROMISE,
        bar: { kind: 'at-most', value: 0.75 },
        detail: `${((cpu / rows) * 1e6).toFixed(0)} µs a row, a year of calls in the order of time`,
      },
    ];
    measurements.push(await measureLedgerLoad(ledger, Math.max(1, Math.round(4 * scale))));
    for (const [name, query] of Object.entries(queries(end))) {
      const took = await time(ledger, query, rounds);
      measurements.push({
        name: `ledger: ${name} / 200 ms`,
        ratio: took / QUERY_PROMISE,
        bar: { kind: 'at-most', value: 1 },
        detail: `${took.toFixed(1)} ms`,
      });
    }
    return measurements;
  } finally {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
