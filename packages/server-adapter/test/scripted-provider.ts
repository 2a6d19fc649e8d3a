import type { ModelEvent, ModelRequest } from '@millrace/core/model';
import type { CallContext, ModelInfo, Provider } from '@millrace/core/provider';

/** What the provider does with a request. */
export type Script = (request: ModelRequest, context: CallContext) => AsyncIterable<ModelEvent>;

const models: readonly ModelInfo[] = [
  { id: 'one', aliases: ['one-2026-01-01'], tier: 'economy' },
  { id: 'family/two:latest', tier: 'premium' },
];

/** A provider whose answers a test writes down. */
export const scriptedProvider = (script: Script): Provider => ({
  specification: 'millrace-provider-v1',
  id: 'scripted',
  label: 'Scripted',
  credential: { required: false },
  models,
  stream: script,
});

/** Play events as they are. */
export const play = (events: readonly ModelEvent[]): Script =>
  async function* () {
    yield* events;
  };

/** Wait until an event comes, or the signal of the call is aborted: the way a socket waits. */
export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
