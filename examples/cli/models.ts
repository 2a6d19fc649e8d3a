import type { Gateway } from '@millrace/core';
import { type Terminal, table, write } from './terminal.ts';

/** List the models that can be called, cheapest first. */
export const models = async (
  gateway: Gateway,
  options: { readonly json: boolean },
  terminal: Terminal,
): Promise<void> => {
  const listed = gateway.registry.modelsByCost();
  if (options.json) return write(terminal.output, `${JSON.stringify(listed, undefined, 2)}\n`);
  const rows = listed.map(({ provider, id, tier, price, contextWindow }) => [
    `${provider}:${id}`,
    tier ?? '-',
    price === undefined ? '?' : price.input,
    price === undefined ? '?' : price.output,
    contextWindow ?? '-',
  ]);
  await write(terminal.output, table(['model', 'tier', '$/1M in', '$/1M out', 'context'], rows));
};
