import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Message,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import fc from 'fast-check';

// Whatever the AI SDK's specification allows a caller to ask and a model to answer.

const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)));
const object = fc
  .dictionary(fc.constantFrom('a', 'cacheControl', '$url', '$$x', 'signature'), json, { maxKeys: 3 })
  .map((value) => ({ ...value }));
const metadata = fc.dictionary(fc.constantFrom('openai', 'anthropic', 'mock'), object, {
  minKeys: 1,
  maxKeys: 2,
  noNullPrototype: true,
});
const providerMetadata = fc.option(metadata, { nil: undefined });
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const name = fc.stringMatching(/^[a-z]{1,8}$/);
const flag = fc.option(fc.boolean(), { nil: undefined });
/** Absent rather than undefined. */
const lean = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Value;
const record = <Model extends Record<string, fc.Arbitrary<unknown>>>(model: Model) =>
  fc.record(model).map((value) => lean(value));

const bytes = fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.base64String({ maxLength: 12 }));
const outputData = fc.oneof(
  record({ type: fc.constant('data' as const), data: bytes }),
  record({ type: fc.constant('url' as const), url: fc.webUrl().map((url) => new URL(url)) }),
);
const promptData = fc.oneof(
  outputData,
  record({
    type: fc.constant('url' as const),
    url: fc.webUrl().map((url) => new URL(url)),
    originalUrl: fc.webUrl(),
  }),
  record({ type: fc.constant('reference' as const), reference: fc.constant({ mock: 'file-1' }) }),
  record({ type: fc.constant('text' as const), text }),
);
const mediaType = fc.constantFrom('image', 'image/png', 'application/pdf', 'text/plain');

const options = { providerOptions: providerMetadata };
const filePart = record({
  type: fc.constant('file' as const),
  mediaType,
  data: promptData,
  filename: fc.option(name, { nil: undefined }),
  ...options,
});
const textPart = record({ type: fc.constant('text' as const), text, ...options });
const output = fc.oneof(
  record({ type: fc.constantFrom('text', 'error-text'), value: text, ...options }),
  record({ type: fc.constantFrom('json', 'error-json'), value: json, ...options }),
  record({ type: fc.constant('execution-denied'), reason: fc.option(text, { nil: undefined }), ...options }),
  record({
    type: fc.constant('content'),
    value: fc.array(fc.oneof(textPart, filePart, record({ type: fc.constant('custom'), ...options })), {
      maxLength: 3,
    }),
    ...options,
  }),
);
const toolResult = record({
  type: fc.constant('tool-result'),
  toolCallId: name,
  toolName: name,
  output,
  ...options,
});
const message = fc.oneof(
  record({ role: fc.constant('system'), content: text, ...options }),
  record({
    role: fc.constant('user'),
    content: fc.array(fc.oneof(textPart, filePart), { maxLength: 3 }),
    ...options,
  }),
  record({
    role: fc.constant('assistant'),
    content: fc.array(
      fc.oneof(
        textPart,
        record({ type: fc.constant('reasoning'), text, ...options }),
        filePart,
        record({
          type: fc.constant('tool-call'),
          toolCallId: name,
          toolName: name,
          input: json,
          providerExecuted: fc.constantFrom(true, undefined),
          ...options,
        }),
        toolResult,
        record({ type: fc.constant('custom'), kind: fc.constant('mock.thing'), ...options }),
        record({ type: fc.constant('reasoning-file'), mediaType, data: outputData, ...options }),
      ),
      { maxLength: 5 },
    ),
    ...options,
  }),
  record({
    role: fc.constant('tool'),
    content: fc.array(
      fc.oneof(
        toolResult,
        record({
          type: fc.constant('tool-approval-response'),
          approvalId: name,
          approved: fc.boolean(),
          reason: fc.option(text, { nil: undefined }),
          ...options,
        }),
      ),
      { maxLength: 4 },
    ),
    ...options,
  }),
) as unknown as fc.Arbitrary<LanguageModelV4Message>;

const count = fc.nat(1_000);
const usage: fc.Arbitrary<LanguageModelV4Usage> = record({
  inputTokens: fc.record({
    total: count,
    noCache: fc.option(count, { nil: undefined }),
    cacheRead: fc.option(count, { nil: undefined }),
    cacheWrite: fc.option(count, { nil: undefined }),
  }),
  outputTokens: fc.record({
    total: count,
    text: fc.option(count, { nil: undefined }),
    reasoning: fc.option(count, { nil: undefined }),
  }),
  raw: fc.option(object, { nil: undefined }),
}) as fc.Arbitrary<LanguageModelV4Usage>;
const finishReason = fc.record({
  unified: fc.constantFrom('stop', 'length', 'content-filter', 'tool-calls', 'error', 'other'),
  raw: fc.option(name, { nil: undefined }),
});
const source = fc.oneof(
  record({
    type: fc.constant('source'),
    sourceType: fc.constant('url'),
    id: name,
    url: fc.webUrl(),
    title: fc.option(text, { nil: undefined }),
    providerMetadata,
  }),
  record({
    type: fc.constant('source'),
    sourceType: fc.constant('document'),
    id: name,
    mediaType: fc.constant('application/pdf'),
    title: text,
    filename: fc.option(name, { nil: undefined }),
    providerMetadata,
  }),
);
const citations = fc.option(
  fc.array(record({ source, startIndex: count, citedText: fc.option(text, { nil: undefined }) }), {
    minLength: 1,
    maxLength: 2,
  }),
  { nil: undefined },
);
const block = fc.oneof(
  fc.constantFrom('file', 'reasoning-file').chain((type) =>
    record({
      type: fc.constant(type),
      mediaType: fc.constant('image/png'),
      data: outputData,
      providerMetadata,
    }),
  ),
  source,
  record({ type: fc.constant('custom'), kind: fc.constant('mock.thing'), providerMetadata }),
  record({
    type: fc.constant('tool-approval-request'),
    approvalId: name,
    toolCallId: name,
    providerMetadata,
  }),
  record({
    type: fc.constant('tool-call'),
    toolCallId: name,
    toolName: name,
    input: json.map((value) => JSON.stringify(value)),
    providerExecuted: fc.constantFrom(true, undefined),
    dynamic: fc.constantFrom(true, undefined),
    providerMetadata,
  }),
  record({
    type: fc.constant('tool-result'),
    toolCallId: name,
    toolName: name,
    result: json.filter((value) => value !== null),
    isError: flag,
    dynamic: flag,
    providerMetadata,
  }),
);
const answerText = record({ type: fc.constant('text'), text, citations, providerMetadata });
const content = fc.array(
  fc.oneof(answerText, record({ type: fc.constant('reasoning'), text, providerMetadata }), block),
  { maxLength: 6 },
) as unknown as fc.Arbitrary<LanguageModelV4Content[]>;

/** One block of a stream, as its parts in order. */
const streamed = fc.oneof(
  block.map((part) => [part]),
  fc
    .tuple(
      fc.constantFrom('text', 'reasoning'),
      fc.array(fc.tuple(text, providerMetadata)),
      providerMetadata,
      citations,
    )
    .map(([type, deltas, own, cited]) => (id: string) => [
      lean({ type: `${type}-start`, id, providerMetadata: own }),
      ...deltas.map(([delta, extra]) => lean({ type: `${type}-delta`, id, delta, providerMetadata: extra })),
      lean({ type: `${type}-end`, id, ...(type === 'text' && { citations: cited }), providerMetadata: own }),
    ]),
  fc
    .tuple(
      record({
        toolName: name,
        inputEncoding: fc.constantFrom('json', 'text', undefined),
        providerExecuted: fc.constantFrom(true, undefined),
        dynamic: fc.constantFrom(true, undefined),
        title: fc.option(name, { nil: undefined }),
        providerMetadata,
      }),
      fc.array(text),
      providerMetadata,
    )
    .map(([start, deltas, own]) => (id: string) => [
      { type: 'tool-input-start', id, ...start },
      ...deltas.map((delta) => ({ type: 'tool-input-delta', id, delta })),
      lean({ type: 'tool-input-end', id, providerMetadata: own }),
    ]),
);
const warnings = fc.array(
  fc.oneof(
    record({
      type: fc.constantFrom('unsupported' as const, 'compatibility' as const),
      feature: name,
      details: fc.option(text, { nil: undefined }),
    }),
    record({ type: fc.constant('other' as const), message: text }),
  ),
  { maxLength: 2 },
);
const response = record({
  id: fc.option(name, { nil: undefined }),
  modelId: fc.option(name, { nil: undefined }),
  timestamp: fc.option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }), {
    nil: undefined,
  }),
});
/** The parts of a streamed answer; its blocks overlap. */
export const streams: fc.Arbitrary<LanguageModelV4StreamPart[]> = fc
  .record({
    blocks: fc.array(streamed, { maxLength: 6 }),
    choices: fc.infiniteStream(fc.nat()),
    warnings,
    response,
    finishReason,
    usage,
    providerMetadata,
  })
  .map((given) => {
    const tracks = given.blocks.map((one, index) => (typeof one === 'function' ? one(`b${index}`) : one));
    const body: unknown[] = [];
    for (;;) {
      const open = tracks.filter((track) => track.length > 0);
      if (open.length === 0) break;
      body.push(open[given.choices.next().value % open.length]?.shift());
    }
    return [
      { type: 'stream-start', warnings: given.warnings },
      { type: 'response-metadata', ...given.response },
      ...body,
      lean({
        type: 'finish',
        finishReason: given.finishReason,
        usage: given.usage,
        providerMetadata: given.providerMetadata,
      }),
    ] as LanguageModelV4StreamPart[];
  });

const schema = { type: 'object', properties: { a: { type: 'string' } } } as const;
const tool = fc.oneof(
  record({
    type: fc.constant('function'),
    name,
    description: fc.option(text, { nil: undefined }),
    inputSchema: fc.constant(schema),
    inputExamples: fc.option(fc.array(fc.record({ input: object }), { maxLength: 2 }), { nil: undefined }),
    strict: flag,
    ...options,
  }),
  record({
    type: fc.constant('provider'),
    id: fc.constant('mock.search'),
    name,
    args: object,
  }),
);
/** The options of a call. */
export const calls: fc.Arbitrary<LanguageModelV4CallOptions> = fc
  .record({
    prompt: fc.array(message, { minLength: 1, maxLength: 5 }),
    tools: fc.option(fc.uniqueArray(tool, { selector: (one) => one['name'], maxLength: 4 }), {
      nil: undefined,
    }),
    choice: fc.option(fc.constantFrom('auto', 'none', 'required', 'tool'), { nil: undefined }),
    responseFormat: fc.constantFrom(
      undefined,
      { type: 'text' },
      { type: 'json' },
      { type: 'json', schema, name: 'n', description: 'd' },
    ),
    maxOutputTokens: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    temperature: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: undefined }),
    topP: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    topK: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    presencePenalty: fc.option(fc.integer({ min: -2, max: 2 }), { nil: undefined }),
    frequencyPenalty: fc.option(fc.integer({ min: -2, max: 2 }), { nil: undefined }),
    stopSequences: fc.option(fc.array(text, { maxLength: 2 }), { nil: undefined }),
    seed: fc.option(fc.integer(), { nil: undefined }),
    reasoning: fc.option(fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'), {
      nil: undefined,
    }),
    headers: fc.option(fc.dictionary(name, name, { maxKeys: 2, noNullPrototype: true }), { nil: undefined }),
    providerOptions: providerMetadata,
  })
  .map(({ choice, ...rest }) => {
    const [first] = rest.tools ?? [];
    const toolChoice =
      choice === undefined || choice === 'auto' || choice === 'none'
        ? choice && { type: choice }
        : first && (choice === 'tool' ? { type: choice, toolName: first['name'] } : { type: choice });
    return lean({ ...rest, toolChoice }) as unknown as LanguageModelV4CallOptions;
  });

/** Whole answers. */
export const results: fc.Arbitrary<LanguageModelV4GenerateResult> = fc
  .record({
    content,
    finishReason,
    usage,
    warnings,
    providerMetadata,
    response,
    structuredOutputText: fc.option(text, { nil: undefined }),
  })
  .map((value) => lean(value) as unknown as LanguageModelV4GenerateResult);
