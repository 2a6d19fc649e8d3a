import {
  type JsonObject,
  type Message,
  MillraceError,
  type ModelRequest,
  type Warning,
} from '@millrace/core/model';

const UNSUPPORTED = ['parallelToolCalls'] as const;

/** A request as the vendor takes it, and what could not be passed on. */
export const writeRequest = (
  request: ModelRequest,
  provider: string,
  stream: boolean,
): { readonly body: object; readonly warnings: readonly Warning[] } => {
  const warnings: Warning[] = [];
  const leaveOut = (feature: string): void =>
    void warnings.push({ type: 'unsupported', feature, details: 'It was left out.' });
  for (const name of UNSUPPORTED) if (request[name] !== undefined) leaveOut(name);
  const { tools, toolChoice, responseFormat: format, reasoning } = request;
  const body = {
    model: request.model,
    stream,
    messages: request.messages.flatMap((message) => writeMessage(message, leaveOut)),
    tools: tools?.map(({ name, description, inputSchema }) => ({
      type: 'function',
      function: { name, description, parameters: inputSchema },
    })),
    tool_choice: toolChoiceOf(toolChoice, leaveOut),
    response_format:
      format?.type === 'json' ? { type: 'json_object', json_schema: format.schema } : undefined,
    max_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    p: request.topP,
    k: request.topK,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    stop_sequences: request.stopSequences,
    seed: request.seed,
    thinking: reasoning === undefined ? undefined : { type: reasoning === 'none' ? 'disabled' : 'enabled' },
    ...request.providerOptions?.[provider],
  };
  return { body, warnings };
};

const toolChoiceOf = (choice: ModelRequest['toolChoice'], leaveOut: (feature: string) => void) => {
  if (choice?.type === 'required') return 'REQUIRED';
  if (choice?.type === 'none') return 'NONE';
  if (choice?.type === 'tool') leaveOut(`the choice of the tool ${choice.toolName}`);
  return undefined;
};

const writeMessage = (message: Message, leaveOut: (feature: string) => void): JsonObject[] => {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }];
    case 'user':
      return [
        {
          role: 'user',
          content: message.content.map((part) => {
            if (part.type === 'text') return { type: 'text', text: part.text };
            if (!part.mediaType.startsWith('image/') || part.data.type === 'reference')
              throw new MillraceError(
                'BAD_REQUEST',
                `Files of type ${part.mediaType} are not accepted; images are.`,
              );
            const { data } = part;
            const url = data.type === 'url' ? data.url : `data:${part.mediaType};base64,${base64(data.data)}`;
            return { type: 'image_url', image_url: { url } };
          }),
        },
      ];
    case 'assistant': {
      const text = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
      const calls = message.content.flatMap((part) =>
        part.type !== 'tool-call'
          ? []
          : [
              {
                id: part.toolCallId,
                type: 'function',
                function: {
                  name: part.toolName,
                  arguments: part.inputText ?? JSON.stringify(part.input ?? {}),
                },
              },
            ],
      );
      if (message.content.some(({ type }) => type === 'reasoning')) leaveOut('reasoning in the history');
      if (message.content.some(({ type }) => type === 'file')) leaveOut('file in an assistant message');
      return [
        {
          role: 'assistant',
          ...(text !== '' && { content: text }),
          ...(calls.length > 0 && { tool_calls: calls }),
        },
      ];
    }
    case 'tool':
      return message.content.map(({ toolCallId, output }) => ({
        role: 'tool',
        tool_call_id: toolCallId,
        content: resultText(output, leaveOut),
      }));
  }
};

type Output = Extract<Message, { role: 'tool' }>['content'][number]['output'];

const resultText = (output: Output, leaveOut: (feature: string) => void): string => {
  if (output.type === 'execution-denied') return output.reason ?? 'The tool was not allowed to run.';
  if (output.type !== 'content')
    return typeof output.value === 'string' ? output.value : JSON.stringify(output.value);
  if (output.value.some(({ type }) => type === 'file')) leaveOut('file in a tool result');
  return output.value.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
};

const base64 = (data: Uint8Array | string): string =>
  typeof data === 'string' ? data : Buffer.from(data).toString('base64');
