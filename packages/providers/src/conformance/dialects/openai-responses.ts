import type { SceneAnswer, SceneError } from '../scene.js';
import { jsonBody, sse, type UpstreamRequest, type WireDialect } from '../wire-dialect.js';
import { openaiChatDialect, openaiSide } from './openai-chat.js';

const usageOf = ({ usage }: SceneAnswer) => ({
  input_tokens: usage.input,
  input_tokens_details: { cached_tokens: usage.cacheRead ?? 0 },
  output_tokens: usage.output,
  output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
});

const itemsOf = ({ text = [], reasoning, calls = [] }: SceneAnswer): object[] => [
  ...(reasoning === undefined
    ? []
    : [
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: reasoning }],
          encrypted_content: 'x',
        },
      ]),
  ...(text.length === 0
    ? []
    : [
        {
          type: 'message',
          id: 'msg_1',
          content: [{ type: 'output_text', text: text.join(''), annotations: [] }],
        },
      ]),
  ...calls.map(({ id, name, input }, index) => ({
    type: 'function_call',
    id: `fc_${index}`,
    call_id: id,
    name,
    arguments: input,
  })),
];

const REASONS = { length: 'max_output_tokens', 'content-filter': 'content_filter' } as const;

const responseOf = (answer: SceneAnswer): object => {
  const reason =
    answer.finish === 'length' || answer.finish === 'content-filter' ? REASONS[answer.finish] : undefined;
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_790_000_000,
    model: answer.model,
    status: reason === undefined ? 'completed' : 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    output: itemsOf(answer),
    usage: usageOf(answer),
  };
};

const event = (type: string, fields: object): string => sse({ type, ...fields }, type);

const codeOf = (error: SceneError): string => (error === 'overloaded' ? 'server_overloaded' : 'server_error');

const wantsStream = ({ json }: UpstreamRequest): boolean =>
  typeof json === 'object' && json !== null && 'stream' in json && json.stream === true;

/** OpenAI's responses endpoint. */
export const openaiResponsesDialect: WireDialect = {
  name: 'OpenAI responses',
  basePath: '/v1',
  streamType: 'text/event-stream',
  wantsStream,
  whole: (answer) => jsonBody(responseOf(answer)),
  pieces(answer) {
    const { text = [] } = answer;
    const items = itemsOf(answer) as { type: string }[];
    const response = { ...responseOf(answer), status: 'in_progress', output: [] };
    return [
      event('response.created', { response }),
      ...items.flatMap((item, output_index) => [
        event('response.output_item.added', {
          output_index,
          item: { ...item, content: [], summary: [], arguments: '' },
        }),
        ...(item.type === 'message'
          ? text.map((delta) =>
              event('response.output_text.delta', { output_index, content_index: 0, delta }),
            )
          : []),
        event('response.output_item.done', { output_index, item }),
      ]),
      event(
        answer.finish === 'length' || answer.finish === 'content-filter'
          ? 'response.incomplete'
          : 'response.completed',
        {
          response: responseOf(answer),
        },
      ),
    ];
  },
  refusal: openaiChatDialect.refusal,
  errorPiece: (error, message) => event('error', { code: codeOf(error), message }),
  malformedPiece: 'event: response.output_text.delta\ndata: {"type":"response.out\n\n',
  side: openaiSide,
  has: { ...openaiChatDialect.has },
};
