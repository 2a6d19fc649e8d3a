import type { Gateway } from '@millrace/core';
import type { LedgerDimension, LedgerGroup } from '@millrace/core/ledger';
import { type Terminal, table, write } from './terminal.ts';

/** What `usage` was asked. */
export interface UsageOptions {
  /** Only calls of the last so many days. */
  readonly days?: number | undefined;
  /** Only the calls of one user. */
  readonly user?: string | undefined;
  /** Only the calls of one project. */
  readonly project?: string | undefined;
  /** What to group by. Default: provider and model, in one column. */
  readonly by?: readonly string[] | undefined;
  /** All calls, as a table for other programs. */
  readonly csv: boolean;
  readonly json: boolean;
}

const DAY_MS = 86_400_000;
const DIMENSIONS: readonly LedgerDimension[] = ['provider', 'model', 'category', 'project', 'user', 'status'];

const modelOf = ({ provider, model }: LedgerGroup): string =>
  typeof provider === 'string' ? `${provider}:${model ?? '-'}` : '(not routed)';

/** Print what was called and what it cost, by model. */
export const usage = async (gateway: Gateway, options: UsageOptions, terminal: Terminal): Promise<void> => {
  const from = options.days === undefined ? undefined : Date.now() - options.days * DAY_MS;
  const { signal } = terminal;
  const query = { from, user: options.user, project: options.project, signal };
  if (options.csv) {
    const pieces = gateway.ledger.export({ ...query, format: 'csv' });
    for await (const text of pieces) await write(terminal.output, text, signal);
    return;
  }
  const by = options.by as readonly LedgerDimension[] | undefined;
  const unknown = by?.find((name) => !DIMENSIONS.includes(name));
  if (unknown !== undefined) throw new Error(`--by takes ${DIMENSIONS.join(', ')}, not "${unknown}".`);
  const summary = await gateway.ledger.summarize({ ...query, by: by ?? ['provider', 'model'] });
  if (options.json) return write(terminal.output, `${JSON.stringify(summary, undefined, 2)}\n`);
  if (summary.length === 0) return write(terminal.output, 'No calls yet.\n');
  const rows = summary.map(({ group, calls, successes, tokensIn, tokensOut, costUsd, unpricedCalls }) => [
    ...(by?.map((dimension) => group[dimension] ?? '-') ?? [modelOf(group)]),
    calls,
    successes,
    tokensIn,
    tokensOut,
    `$${costUsd.toFixed(6)}${unpricedCalls > 0 ? ` + ${unpricedCalls} of unknown price` : ''}`,
  ]);
  const head = [...(by ?? ['model']), 'calls', 'answered', 'tokens in', 'tokens out', 'cost'];
  await write(terminal.output, table(head, rows));
};
