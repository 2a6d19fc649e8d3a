import type { Gateway } from '@millrace/core/gateway';
import type { LedgerStatisticQuery } from '@millrace/core/ledger';
import { MillraceError } from '@millrace/core/model';
import type { Price } from '@millrace/core/provider';
import type { GuardedRoutes } from '../guard/guarded-routes.js';
import { privateAnswer } from '../guard/guarded-routes.js';
import type { Answer, TextSource } from '../http/answer.js';
import { parseStatsQuery } from './stats-query.js';

const queryOf = (request: Request) => parseStatsQuery(new URL(request.url).searchParams);

/** What would have answered everything, to compare with: the dearest premium model of the gateway. */
const premiumPrice = ({
  registry,
}: Gateway): { readonly model: string; readonly price: Price } | undefined => {
  const premium = registry
    .modelsByCost()
    .findLast(({ tier, price }) => tier === 'premium' && price !== undefined);
  return premium?.price === undefined
    ? undefined
    : { model: `${premium.provider}:${premium.id}`, price: premium.price };
};

/** `GET /api/stats`, and below it `groups`, `series`, `calls` and `export`. */
export const addStatsRoutes = ({ route }: Pick<GuardedRoutes, 'route'>, gateway: Gateway): void => {
  const { ledger } = gateway;

  route('GET', '/api/stats', async ({ request }) => {
    const { filter } = queryOf(request);
    const query = { ...filter, signal: request.signal };
    const by = (dimension: 'provider' | 'model' | 'category'): LedgerStatisticQuery => ({
      ...query,
      by: dimension === 'model' ? ['provider', 'model'] : [dimension],
    });
    const premium = premiumPrice(gateway);
    const [total, latency, byProvider, byModel, byCategory, compression, savings] = await Promise.all([
      ledger.summarize(query),
      ledger.latency(query),
      ledger.compare(by('provider')),
      ledger.summarize(by('model')),
      ledger.summarize(by('category')),
      ledger.compression(query),
      premium && ledger.savings({ ...query, premium: premium.price }),
    ]);
    return privateAnswer(200, {
      from: filter.from,
      before: filter.before,
      total: total[0],
      latency: latency[0],
      byProvider,
      byModel,
      byCategory,
      compression,
      savings: savings === undefined ? null : { ...savings, comparedWith: premium?.model },
    });
  });
  route('GET', '/api/stats/groups', async ({ request }) => {
    const { filter, by } = queryOf(request);
    return privateAnswer(200, { groups: await ledger.compare({ ...filter, by, signal: request.signal }) });
  });
  route('GET', '/api/stats/series', async ({ request }) => {
    const { filter, by, unit, timeZone } = queryOf(request);
    const points = await ledger.series({ ...filter, by, unit, timeZone, signal: request.signal });
    return privateAnswer(200, { points });
  });
  route('GET', '/api/stats/calls', async ({ request }) => {
    const { filter, list } = queryOf(request);
    const { rows, next } = await ledger.list({ ...filter, ...list, signal: request.signal });
    return privateAnswer(200, { calls: rows, next: next ?? null });
  });
  route('GET', '/api/stats/export', async ({ request }): Promise<Answer> => {
    const { filter, format } = queryOf(request);
    const pieces = ledger.export({ ...filter, format, signal: request.signal });
    return {
      status: 200,
      headers: {
        'cache-control': 'no-store',
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
        'content-disposition': `attachment; filename="calls.${format}"`,
      },
      body: sourceOf(pieces),
    };
  });
};

/** Read as fast as the client takes it. One that breaks off says so in its last line. */
const sourceOf = (pieces: AsyncIterable<string>): TextSource => {
  const iterator = pieces[Symbol.asyncIterator]();
  let ended = false;
  return {
    async read() {
      if (ended) return undefined;
      try {
        const { done, value } = await iterator.next();
        ended = done === true;
        return ended ? undefined : value;
      } catch (error) {
        ended = true;
        const code = MillraceError.isInstance(error) ? error.code : 'STORAGE';
        return `\n# This export is not complete: it broke off (${code}).\n`;
      }
    },
    cancel() {
      ended = true;
      void iterator.return?.()?.catch(() => undefined);
    },
  };
};
