import {
  createFold,
  type Message,
  MillraceError,
  type ModelEvent,
  type ModelRequest,
  type Reply,
} from '@millrace/core/model';
import type { CallContext, Provider } from '@millrace/core/provider';
import { check, inTime } from './check.js';
import { checkEventOrder } from './event-order.js';
import type { CaseContext } from './provider-case.js';

/** How an answer is asked for. */
export type Delivery = CallContext['delivery'];

/** Both ways in which an answer may be asked for. */
export const DELIVERIES: readonly Delivery[] = ['whole', 'incremental'];

/** A message of a user. */
export const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });

/** A request that any model can answer. */
export const requestOf = (
  context: Pick<CaseContext, 'model'>,
  more: Partial<ModelRequest> = {},
): ModelRequest => ({
  model: context.model,
  messages: [user('Name a river.')],
  ...more,
});

/** What to ask, and how. */
export interface Asking {
  readonly delivery?: Delivery;
  readonly request?: Partial<ModelRequest>;
  readonly signal?: AbortSignal;
  readonly provider?: Provider;
}

/** Begin a call; nothing is sent before it is pulled. */
export const begin = (context: CaseContext, asking: Asking = {}): AsyncIterable<ModelEvent> => {
  const { delivery = 'incremental', request, signal = new AbortController().signal } = asking;
  const credential = { apiKey: context.apiKey };
  return (asking.provider ?? context.provider).stream(requestOf(context, request), {
    credential,
    signal,
    delivery,
  });
};

/** Everything that comes, and the failure at its end if there is one. */
export const collect = async (
  context: CaseContext,
  asking: Asking = {},
): Promise<{ readonly events: readonly ModelEvent[]; readonly error: unknown }> => {
  const events: ModelEvent[] = [];
  let error: unknown;
  const reading = (async () => {
    for await (const event of begin(context, asking)) events.push(event);
  })();
  try {
    await inTime(reading, 'The end of the answer');
  } catch (cause) {
    error = cause;
  }
  checkEventOrder(events, error === undefined);
  return { events, error };
};

/** A reply; it is an error when the call fails. */
export const replyTo = async (context: CaseContext, asking: Asking = {}): Promise<Reply> => {
  const { events, error } = await collect(context, asking);
  if (error !== undefined) throw new Error(`The call failed: ${String(error)}`, { cause: error });
  const fold = createFold();
  for (const event of events) fold.add(event);
  return fold.reply();
};

/** The failure of a call that should fail. */
export const failureOf = async (
  context: CaseContext,
  asking: Asking = {},
): Promise<{ readonly error: MillraceError; readonly events: readonly ModelEvent[] }> => {
  const { events, error } = await collect(context, asking);
  check(error !== undefined, 'The call succeeded, and should have failed.');
  check(
    MillraceError.isInstance(error),
    `The failure is no MillraceError but ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}.`,
  );
  return { error, events };
};
