import { check, equal, inTime } from '../check.js';
import { requestOf } from '../harness.js';
import { type PlayedContext, type ProviderCase, played } from '../provider-case.js';

const contextOf = ({ apiKey }: PlayedContext) => ({
  credential: { apiKey },
  signal: AbortSignal.timeout(5_000),
});
const missing = (what: string) => `it has no ${what}`;

/** What a provider may offer beside answers. */
export const EXTRA_CASES: readonly ProviderCase[] = [
  played(
    'extras: a key that the vendor takes is verified',
    async (context) => {
      const verification = await context.provider.verify?.(contextOf(context));
      equal(verification?.status, 'verified', 'The status');
      check(!verification?.message.includes(context.apiKey), 'The key is in the message.');
    },
    ({ provider, dialect }) =>
      provider.verify === undefined || dialect.side === undefined ? missing('verification') : undefined,
  ),
  played(
    'extras: a key that the vendor refuses is not verified',
    async (context) => {
      context.upstream.lockOut({ type: 'refused', error: 'authentication' });
      try {
        const work = Promise.resolve(context.provider.verify?.(contextOf(context)));
        const outcome = await work.then(
          (verification) => verification?.status,
          (error: { code?: string }) => error.code,
        );
        check(
          outcome === 'invalid' || outcome === 'AUTHENTICATION' || outcome === 'PERMISSION_DENIED',
          `The outcome is ${outcome}.`,
        );
      } finally {
        context.upstream.lockOut(undefined);
      }
    },
    ({ provider }) => (provider.verify === undefined ? missing('verification') : undefined),
  ),
  played(
    'extras: a vendor that cannot be reached verifies nothing',
    async (context) => {
      const work = Promise.resolve(context.unreachable().verify?.(contextOf(context)));
      const outcome = await inTime(
        work.then(
          (verification) => verification?.status,
          (error: { code?: string }) => error.code,
        ),
        'The verification',
      );
      check(outcome === 'unreachable' || outcome === 'NETWORK', `The outcome is ${outcome}.`);
    },
    ({ provider }) => (provider.verify === undefined ? missing('verification') : undefined),
  ),
  played(
    'extras: models are discovered',
    async (context) => {
      const models = await context.provider.discoverModels?.(contextOf(context));
      check((models?.length ?? 0) > 0, 'No model was discovered.');
      for (const { id } of models ?? []) check(typeof id === 'string' && id !== '', 'A model has no id.');
    },
    ({ provider, dialect }) =>
      provider.discoverModels === undefined || dialect.side === undefined
        ? missing('list of models')
        : undefined,
  ),
  played(
    'extras: tokens are counted',
    async (context) => {
      const count = await context.provider.countTokens?.(requestOf(context), contextOf(context));
      check((count?.tokensIn ?? 0) > 0, `The count is ${count?.tokensIn}.`);
    },
    ({ provider, dialect }) =>
      provider.countTokens === undefined || dialect.side === undefined ? missing('token count') : undefined,
  ),
  played(
    'extras: texts become vectors, in their order',
    async (context) => {
      const [model] = context.provider.embeddingModels ?? [];
      const values = ['one', 'two', 'three'];
      const reply = await context.provider.embed?.(
        { model: model?.id ?? 'embedding-model', values },
        contextOf(context),
      );
      equal(reply?.embeddings.length, 3, 'The number of vectors');
      const firsts = reply?.embeddings.map(([first]) => first) ?? [];
      equal(firsts, [3, 3, 5], 'The first numbers of the vectors');
    },
    ({ provider, dialect }) =>
      provider.embed === undefined || dialect.side === undefined ? missing('embeddings') : undefined,
  ),
];
