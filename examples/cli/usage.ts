import type { Gateway } from '@millrace/core';
import type { LedgerDimension, LedgerGroup } from '@millrace/core/ledger';
import { type Terminal, table, write } from './terminal.ts';

/** What `usage` was asked. */
export interface UsageOptions {
  /** Only calls of the last so many days. */
  readonly days?: number | undefined;
  /** What to group by. Default: provider and model. */
  readonly by?: readonly string[] | undefined;
  /** All calls, as a table for other programs. */
  readonly csv: boolean;
  readonly json: boolean;
}

const DAY_MS = 86_400_000;
const DIMENSIONS: readonly LedgerDimension[] = ['provider', 'model', 'category', 'project', 'user', 'status'];

const nameOf = ({ provider, model, ...others }: LedgerGroup): string => {
  if (model === undefined)
    return [provider, ...Object.values(others)]
      .filter((one) => one !== undefined)
      .map((one) => one ?? '-')
      .join(', ');
  return provider === null ? '(not routed)' : `${provider}:${model}`;
};

/** Print what was called and what it cost, by model. */
export const usage = async (gateway: Gateway, options: UsageOptions, terminal: Terminal): Promise<void> => {
  const from = options.days === undefined ? undefined : Date.now() - options.days * DAY_MS;
  if (options.csv) {
    const pieces = gateway.ledger.export({ format: 'csv', from, signal: terminal.signal });
    for await (const text of pieces) await write(terminal.output, text, terminal.signal);
    return;
  }
  const by = (options.by ?? ['provider', 'model']) as readonly LedgerDimension[];
  const unknown = by.find((name) => !DIMENSIONS.includes(name));
  if (unknown !== undefined) throw new Error(`--by takes ${DIMENSIONS.join(', ')}, not "${unknown}".`);
  const summary = await gateway.ledger.summarize({
    by,
    from,
    signal: terminal.signal,
  });
  if (options.json) return write(terminal.output, `${JSON.stringify(summary, undefined, 2)}\n`);
  if (summary.length === 0) return write(terminal.output, 'No calls yet.\n');
  const rows = summary.map(({ group, calls, successes, tokensIn, tokensOut, costUsd, unpricedCalls }) => [
    nameOf(group),
    calls,
    successes,
    tokensIn,
    tokensOut,
    `$${costUsd.toFixed(6)}${unpricedCalls > 0 ? ` + ${unpricedCalls} of unknown price` : ''}`,
  ]);
  await write(
    terminal.output,
    table(
      [
        options.by === undefined ? 'model' : by.join(', '),
        'calls',
        'answered',
        'tokens in',
        'tokens out',
        'cost',
      ],
      rows,
    ),
  );
};
