import { setTimeout as sleep } from 'node:timers/promises';
import { check, equal } from '../check.js';
import { begin } from '../harness.js';
import { type ProviderCase, played } from '../provider-case.js';

/** What a provider says of itself. */
export const IDENTITY_CASES: readonly ProviderCase[] = [
  {
    name: 'identity: names its specification, an id and a label',
    async run({ provider }) {
      equal(provider.specification, 'millrace-provider-v1', 'The specification');
      check(/^[a-z0-9][a-z0-9-]{0,63}$/.test(provider.id), `The id "${provider.id}" is not valid.`);
      check(provider.label.trim() !== '', 'The label is empty.');
      check(typeof provider.credential.required === 'boolean', 'It does not say whether it needs a key.');
    },
  },
  {
    name: 'identity: lists models with ids of their own and no negative prices',
    async run({ provider }) {
      const ids = provider.models.map(({ id }) => id);
      equal(new Set(ids).size, ids.length, 'The number of different model ids');
      for (const { id, price, contextWindow } of [...provider.models, ...(provider.embeddingModels ?? [])]) {
        check(id !== '', 'A model has an empty id.');
        for (const value of [price?.input, price?.output, price?.cacheRead, price?.cacheWrite])
          check(
            value === undefined || (Number.isFinite(value) && value >= 0),
            `A price of ${id} is ${value}.`,
          );
        check(
          contextWindow === undefined || contextWindow > 0,
          `The context window of ${id} is ${contextWindow}.`,
        );
      }
    },
  },
  played('identity: sends nothing before the first event is pulled', async (context) => {
    context.upstream.clear();
    const iterator = begin(context)[Symbol.asyncIterator]();
    await sleep(30);
    equal(context.upstream.requests.length, 0, 'The number of requests before the first pull');
    await iterator.return?.();
    await sleep(10);
    equal(context.upstream.journal.length, 0, 'The number of requests of a call that was never pulled');
  }),
];
