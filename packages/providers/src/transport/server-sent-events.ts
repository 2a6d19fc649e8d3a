import { createParser } from 'eventsource-parser';
import type { Answer } from './exchange.js';

const DONE = '[DONE]';

/** How long to wait for a connection to end after `[DONE]`, in milliseconds. */
const DRAIN_MS = 1_000;

/** The data of server-sent events, all those of one network read at a time, up to `[DONE]`. */
export async function* readServerSentEvents({
  body,
  cancel,
}: Pick<Answer, 'body' | 'cancel'>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let payloads: string[] = [];
  let done = false;
  const parser = createParser({
    onEvent({ data }) {
      if (data === DONE) done = true;
      else if (!done) payloads.push(data);
    },
  });
  const source = body[Symbol.asyncIterator]();
  try {
    while (!done) {
      const { value, done: ended } = await source.next();
      // At the end, an event without the blank line behind it still counts.
      parser.feed(ended === true ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true }));
      if (payloads.length > 0) {
        yield payloads;
        payloads = [];
      }
      if (ended === true) return;
    }
  } finally {
    if (done) drain(source, cancel);
    else await source.return?.();
  }
}

/** Read what is left in the background, so that the connection can be used again; give it up when it does not end. */
const drain = (source: AsyncIterator<Uint8Array>, cancel: () => void): void => {
  const giveUp = setTimeout(cancel, DRAIN_MS);
  const readOn = async (): Promise<void> => {
    while ((await source.next()).done !== true);
  };
  readOn().then(
    () => clearTimeout(giveUp),
    () => clearTimeout(giveUp),
  );
};
