import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Answer, isResponse } from '../http/answer.js';

interface Pieces {
  read(): Promise<string | Uint8Array | undefined>;
  cancel(): void;
}

const headersOf = ({ headers: given }: Response): OutgoingHttpHeaders => {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of given) headers[name] = value;
  const cookies = given.getSetCookie();
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  return headers;
};

const piecesOf = (stream: ReadableStream<Uint8Array>): Pieces => {
  const reader = stream.getReader();
  return {
    read: async () => (await reader.read()).value,
    cancel: () => void reader.cancel().catch(() => undefined),
  };
};

const drained = (outgoing: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off('drain', settle);
      outgoing.off('close', settle);
      resolve();
    };
    outgoing.on('drain', settle);
    outgoing.on('close', settle);
  });

const pump = async (pieces: Pieces, outgoing: ServerResponse): Promise<void> => {
  const stop = (): void => pieces.cancel();
  outgoing.once('close', stop);
  try {
    for (;;) {
      const piece = await pieces.read();
      if (outgoing.destroyed) return;
      if (piece === undefined) break;
      if (!outgoing.write(piece)) await drained(outgoing);
    }
    outgoing.end();
  } catch (error) {
    // Cut the connection: the client must not take what it has for the whole.
    outgoing.destroy(error instanceof Error ? error : undefined);
  } finally {
    outgoing.off('close', stop);
  }
};

/** Write an answer to a socket, no faster than the client reads. Ends early, and quietly, when the client goes away. */
export const writeAnswer = async (answer: Answer | Response, outgoing: ServerResponse): Promise<void> => {
  const foreign = isResponse(answer);
  const body = foreign ? answer.body && piecesOf(answer.body) : answer.body;
  if (outgoing.destroyed) {
    if (typeof body === 'object') body?.cancel();
    return;
  }
  const headers: OutgoingHttpHeaders = foreign ? headersOf(answer) : { ...answer.headers };
  if (typeof body === 'string') headers['content-length'] = Buffer.byteLength(body);
  outgoing.writeHead(answer.status, headers);
  if (typeof body === 'object' && body !== null) await pump(body, outgoing);
  else outgoing.end(body);
};
