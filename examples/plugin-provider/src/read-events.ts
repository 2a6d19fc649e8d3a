import { createParser } from 'eventsource-parser';

/** The events of a stream, each parsed; leaving the loop lets go of the connection. */
export async function* readEvents(response: Response): AsyncGenerator<unknown> {
  const waiting: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => void waiting.push(data) });
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    for (const data of waiting.splice(0)) yield parse(data);
  }
}

/** What is no JSON is told by the reader of the answer. */
const parse = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
};
