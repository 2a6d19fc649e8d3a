// What each vendor's API says in the measurements: the same text in its own form, whole or in pieces.
import { CHUNKS } from './expected.ts';

const TEXT = 'The answer is 4. '.repeat(12);
const words = Array.from({ length: CHUNKS }, (_, index) => `word${index} `);

/** An answer as one body, and as the body of a stream. */
export interface VendorAnswer {
  readonly whole: string;
  readonly stream: string;
  readonly streamType: string;
}

const message = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'claude-haiku-4-5' };
const anthropicUsage = { input_tokens: 20, output_tokens: CHUNKS };
const named = (event: { readonly type: string }): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

const anthropic: VendorAnswer = {
  whole: JSON.stringify({
    ...message,
    content: [{ type: 'text', text: TEXT }],
    stop_reason: 'end_turn',
    usage: anthropicUsage,
  }),
  stream: [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage: anthropicUsage } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...words.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: anthropicUsage },
    { type: 'message_stop' },
  ]
    .map(named)
    .join(''),
  streamType: 'text/event-stream',
};

const googlePiece = (text: string, finishReason?: string): object => ({
  candidates: [
    { content: { role: 'model', parts: [{ text }] }, ...(finishReason !== undefined && { finishReason }) },
  ],
  usageMetadata: { promptTokenCount: 20, candidatesTokenCount: CHUNKS, totalTokenCount: 20 + CHUNKS },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'bench',
});

const google: VendorAnswer = {
  whole: JSON.stringify(googlePiece(TEXT, 'STOP')),
  stream: words
    .map((word, index) => googlePiece(word, index === CHUNKS - 1 ? 'STOP' : undefined))
    .map((piece) => `data: ${JSON.stringify(piece)}\r\n\r\n`)
    .join(''),
  streamType: 'text/event-stream',
};

const ollamaLine = (content: string, rest: object = {}): string =>
  JSON.stringify({
    model: 'llama3.2',
    created_at: '2026-11-20T10:00:00Z',
    message: { role: 'assistant', content },
    done: false,
    ...rest,
  });
const done = { done: true, done_reason: 'stop', prompt_eval_count: 20, eval_count: CHUNKS };

const ollama: VendorAnswer = {
  whole: ollamaLine(TEXT, done),
  stream: [...words.map((word) => ollamaLine(word)), ollamaLine('', done)]
    .map((line) => `${line}\n`)
    .join(''),
  streamType: 'application/x-ndjson',
};

const responseItem = (text: string): object => ({
  type: 'message',
  id: 'msg_bench',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
});
const response = (status: string, output: readonly object[]): object => ({
  id: 'resp_bench',
  object: 'response',
  created_at: 1_790_000_000,
  model: 'gpt-4o-mini',
  status,
  output,
  usage: { input_tokens: 20, output_tokens: CHUNKS, total_tokens: 20 + CHUNKS },
});

const responses: VendorAnswer = {
  whole: JSON.stringify(response('completed', [responseItem(TEXT)])),
  stream: [
    { type: 'response.created', response: response('in_progress', []) },
    { type: 'response.output_item.added', output_index: 0, item: { ...responseItem(''), content: [] } },
    ...words.map((delta) => ({
      type: 'response.output_text.delta',
      item_id: 'msg_bench',
      output_index: 0,
      content_index: 0,
      delta,
    })),
    { type: 'response.output_item.done', output_index: 0, item: responseItem(words.join('')) },
    { type: 'response.completed', response: response('completed', [responseItem(words.join(''))]) },
  ]
    .map(named)
    .join(''),
  streamType: 'text/event-stream',
};

/** The vendor's answer to a request of that path; `undefined` for the one that speaks chat completions. */
export const vendorAnswer = (path: string): VendorAnswer | undefined => {
  if (path.includes('/v1/messages')) return anthropic;
  if (path.includes('/v1/responses')) return responses;
  if (path.includes('enerateContent')) return google;
  return path.includes('/api/chat') ? ollama : undefined;
};
