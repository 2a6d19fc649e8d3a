import type { Gateway } from '@millrace/core';
import { type Terminal, table, write } from './terminal.ts';

/** What `usage` was asked. */
export interface UsageOptions {
  /** Only calls of the last so many days. */
  readonly days?: number | undefined;
  readonly json: boolean;
}

const DAY_MS = 86_400_000;

/** Print what was called and what it cost, by model. */
export const usage = async (gateway: Gateway, options: UsageOptions, terminal: Terminal): Promise<void> => {
  const from = options.days === undefined ? undefined : Date.now() - options.days * DAY_MS;
  const summary = await gateway.ledger.summarize({
    by: ['provider', 'model'],
    from,
    signal: terminal.signal,
  });
  if (options.json) return write(terminal.output, `${JSON.stringify(summary, undefined, 2)}\n`);
  if (summary.length === 0) return write(terminal.output, 'No calls yet.\n');
  const rows = summary.map(({ group, calls, successes, tokensIn, tokensOut, costUsd, unpricedCalls }) => [
    group.provider === null ? '(not routed)' : `${group.provider}:${group.model}`,
    calls,
    successes,
    tokensIn,
    tokensOut,
    `$${costUsd.toFixed(6)}${unpricedCalls > 0 ? ` + ${unpricedCalls} of unknown price` : ''}`,
  ]);
  await write(
    terminal.output,
    table(['model', 'calls', 'answered', 'tokens in', 'tokens out', 'cost'], rows),
  );
};
