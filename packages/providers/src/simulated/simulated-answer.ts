import type { FunctionTool, Message, ModelRequest, ToolResultPart } from '@millrace/core/model';
import { sampleJson } from './sample-json.js';

/** What the simulated model says: text, or a call of one tool. */
export type SimulatedAnswer =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly toolName: string; readonly input: string };

const LONGEST_ECHO = 200;
/** Shorter words of a tool's name are too common to be taken as a mention of it. */
const SHORTEST_MENTION = 4;

/** Decide, from the request alone, what to say. The same request always gives the same answer. */
export const simulatedAnswer = (request: ModelRequest): SimulatedAnswer => {
  const last = request.messages.at(-1);
  if (last?.role === 'tool') return { type: 'text', text: afterTools(last.content) };
  const tool = toolToCall(request);
  if (tool !== undefined) {
    return { type: 'tool-call', toolName: tool.name, input: JSON.stringify(sampleJson(tool.inputSchema)) };
  }
  if (request.responseFormat?.type === 'json') {
    const { schema } = request.responseFormat;
    return {
      type: 'text',
      text: JSON.stringify(schema === undefined ? { simulated: true } : sampleJson(schema)),
    };
  }
  const said = lastUserText(request.messages);
  const echo = said.length > LONGEST_ECHO ? `${said.slice(0, LONGEST_ECHO)}…` : said;
  return { type: 'text', text: `[simulated] No model was called. You said: "${echo}"` };
};

const afterTools = (results: readonly ToolResultPart[]): string => {
  const said = results.map(({ toolName, output }) => {
    const value = 'value' in output ? output.value : output.reason;
    return `${toolName} gave ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
  return `[simulated] No model was called. ${said.join('; ')}`;
};

const toolToCall = ({ tools = [], toolChoice, messages }: ModelRequest): FunctionTool | undefined => {
  switch (toolChoice?.type) {
    case 'none':
      return undefined;
    case 'tool':
      return tools.find((tool) => tool.name === toolChoice.toolName);
    case 'required':
      return mentioned(tools, messages) ?? tools[0];
    default:
      return mentioned(tools, messages);
  }
};

/** The first tool with a word of its name in the last user message. */
const mentioned = (
  tools: readonly FunctionTool[],
  messages: readonly Message[],
): FunctionTool | undefined => {
  const said = lastUserText(messages).toLowerCase();
  const words = (name: string): string[] =>
    name
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z0-9]+/);
  return tools.find(({ name }) =>
    words(name).some((word) => word.length >= SHORTEST_MENTION && said.includes(word)),
  );
};

const lastUserText = (messages: readonly Message[]): string => {
  const last = messages.findLast((message) => message.role === 'user');
  if (last?.role !== 'user') return '';
  return last.content.map((part) => (part.type === 'text' ? part.text : `(${part.mediaType})`)).join(' ');
};
