import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const RECORDED = new URL('../../../shared/data/wire/', import.meta.url);

/** Whether the recordings are on this machine. */
export const hasRecordings: boolean = existsSync(RECORDED);

type Body = Readonly<Record<string, unknown>>;

/** A recorded answer: `*.json` is a whole body, `*.chunks.txt` the payloads of a stream. */
export const readRecording = (name: string): Body | readonly Body[] => {
  const text = readFileSync(new URL(name, RECORDED), 'utf8');
  if (name.endsWith('.json')) return JSON.parse(text);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => JSON.parse(line));
};

const asEvents = (payloads: readonly Body[]): string =>
  payloads
    .map((payload) => {
      const name = typeof payload['type'] === 'string' ? `event: ${payload['type']}\n` : '';
      return `${name}data: ${JSON.stringify(payload)}\n\n`;
    })
    .join('');

/** A server on a real socket that gives every request the same answer, until it is told another one. */
export interface RecordedUpstream extends AsyncDisposable {
  readonly url: string;
  /** A text is sent as it is; a function answers by the path. */
  answer: Body | readonly Body[] | string | ((path: string) => Body | string);
}

export const startRecordedUpstream = async (): Promise<RecordedUpstream> => {
  const server: Server = createServer((request, response) => {
    request.resume();
    const given = upstream.answer;
    const answer = typeof given === 'function' ? given(request.url ?? '') : given;
    const isStream = Array.isArray(answer);
    const text = typeof answer === 'string' ? answer : isStream ? asEvents(answer) : JSON.stringify(answer);
    const type = isStream ? 'text/event-stream' : 'application/json';
    request.once('end', () => response.writeHead(200, { 'content-type': type }).end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream: RecordedUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: {},
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return upstream;
};
