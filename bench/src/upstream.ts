// The upstream of every measurement, in a process of its own: answers at once, or in 200 chunks. Under `/paced` each
// chunk is written on a turn of its own, as a model's tokens are; under `/burst` all come in one write, so that what
// is measured is the reading and not the socket.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CHUNKS } from './expected.ts';
import { vendorAnswer } from './vendor-answers.ts';

const base = { id: 'chatcmpl-bench', created: 1_790_000_000, model: 'gpt-4o-mini' };
const usage = { prompt_tokens: 20, completion_tokens: CHUNKS, total_tokens: 20 + CHUNKS };
const whole = JSON.stringify({
  ...base,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'The answer is 4. '.repeat(12) },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage,
});

const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], usage: null })}\n\n`;
const first = chunk({ role: 'assistant', content: '' }, null);
const chunks = Array.from({ length: CHUNKS }, (_, index) => chunk({ content: `word${index} ` }, null));
const last = `${chunk({}, 'stop')}data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [], usage })}\n\ndata: [DONE]\n\n`;

const all = Buffer.from([first, ...chunks, last].join(''));

const stream = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(first);
  let index = 0;
  const next = (): void => {
    if (response.destroyed) return;
    if (index === CHUNKS) return void response.end(last);
    response.write(chunks[index++]);
    setImmediate(next);
  };
  setImmediate(next);
};

const burst = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(all);
};

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (text: string) => {
    body += text;
  });
  request.on('end', () => {
    const path = request.url ?? '';
    const vendor = vendorAnswer(path);
    if (vendor !== undefined) {
      const streamed = path.includes('stream') || body.includes('"stream":true');
      response
        .writeHead(200, { 'content-type': streamed ? vendor.streamType : 'application/json' })
        .end(streamed ? vendor.stream : vendor.whole);
      return;
    }
    if (path.includes('/api/show')) return void response.writeHead(200).end('{}');
    if (body.includes('"stream":true'))
      return request.url?.startsWith('/burst') ? burst(response) : stream(response);
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whole) })
      .end(whole);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
