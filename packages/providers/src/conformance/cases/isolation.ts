import { inspect } from 'node:util';
import { check, equal } from '../check.js';
import { collect, DELIVERIES, replyTo, user } from '../harness.js';
import { type ProviderCase, played } from '../provider-case.js';
import { TEXT_ANSWER } from '../scene.js';

const AT_ONCE = 50;

/** What calls may not know of each other, and nobody of the key. */
export const ISOLATION_CASES: readonly ProviderCase[] = [
  played(`isolation: ${AT_ONCE} calls at once do not mix`, async (context) => {
    context.upstream.play((request) => {
      const token = /token-\d+-end/.exec(request.text)?.[0] ?? 'none';
      return { answer: { ...TEXT_ANSWER, text: [...token] } };
    });
    for (const delivery of DELIVERIES) {
      const replies = await Promise.all(
        Array.from({ length: AT_ONCE }, (_value, index) =>
          replyTo(context, { delivery, request: { messages: [user(`token-${index}-end`)] } }),
        ),
      );
      equal(
        replies.map(({ text }) => text),
        replies.map((_reply, index) => `token-${index}-end`),
        'The texts',
      );
    }
  }),
  played('isolation: a failure of one call leaves the others alone', async (context) => {
    context.upstream.play((request) =>
      request.text.includes('fail-please')
        ? { answer: TEXT_ANSWER, fault: { type: 'cut', after: 1 } }
        : { answer: TEXT_ANSWER },
    );
    const calls = Array.from({ length: 20 }, (_value, index) =>
      collect(context, { request: { messages: [user(index % 2 === 0 ? 'fail-please' : 'Hi')] } }),
    );
    for (const [index, { error }] of (await Promise.all(calls)).entries())
      equal(error === undefined, index % 2 === 1, `Whether call ${index} succeeded`);
  }),
  played(
    'isolation: the key is in no event and no error, also when the vendor repeats it',
    async (context) => {
      const { apiKey } = context;
      for (const delivery of DELIVERIES) {
        context.upstream.play({ answer: TEXT_ANSWER });
        const { events } = await collect(context, { delivery });
        check(!inspect(events, { depth: 10 }).includes(apiKey), 'The key is in an event.');
        const says = `The key ${apiKey} is wrong.`;
        context.upstream.play({
          answer: TEXT_ANSWER,
          fault: { type: 'refused', error: 'authentication', says },
        });
        const { error } = await collect(context, { delivery });
        const shown = `${inspect(error, { depth: 10, showHidden: true })} ${String((error as Error | undefined)?.stack)}`;
        check(!shown.includes(apiKey), 'The key is in the error.');
      }
    },
  ),
  played('isolation: a prompt is in no error', async (context) => {
    context.upstream.play({ answer: TEXT_ANSWER, fault: { type: 'refused', error: 'server' } });
    const { error } = await collect(context, { request: { messages: [user('canary-prompt')] } });
    check(!inspect(error, { depth: 10 }).includes('canary-prompt'), 'The prompt is in the error.');
  }),
];
