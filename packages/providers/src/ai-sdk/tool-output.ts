import type { LanguageModelV4ToolResultOutput, LanguageModelV4ToolResultPart } from '@ai-sdk/provider';
import type { FilePart, TextPart, ToolResultOutput, ToolResultPart } from '@millrace/core/model';
import type { LossReport } from '../transport/index.js';
import { asOptions, carriedIn, carrying, pack, unpack } from './carried.js';
import { fromSdkFile, toSdkFile } from './files.js';

/** A tool result of the AI SDK, as ours. */
export const fromSdkToolResult = (
  part: LanguageModelV4ToolResultPart,
  losses: LossReport,
): ToolResultPart => ({
  type: 'tool-result',
  toolCallId: part.toolCallId,
  toolName: part.toolName,
  output: readOutput(part.output, losses),
  ...carrying(part.providerOptions, {
    outputOptions: 'providerOptions' in part.output ? pack(part.output.providerOptions) : undefined,
  }),
});

/** A tool result of ours, as the AI SDK has it. */
export const toSdkToolResult = (part: ToolResultPart): LanguageModelV4ToolResultPart => {
  const { outputOptions } = carriedIn(part.providerMetadata);
  const options = outputOptions === undefined ? {} : { providerOptions: unpack(outputOptions) };
  return {
    type: 'tool-result',
    toolCallId: part.toolCallId,
    toolName: part.toolName,
    output: { ...writeOutput(part.output), ...options } as LanguageModelV4ToolResultOutput,
    ...asOptions(part.providerMetadata),
  };
};

const readOutput = (output: LanguageModelV4ToolResultOutput, losses: LossReport): ToolResultOutput => {
  switch (output.type) {
    case 'execution-denied':
      return { type: 'execution-denied', reason: output.reason };
    case 'content':
      return { type: 'content', value: output.value.map((item) => readItem(item, losses)) };
    default:
      return { type: output.type, value: output.value } as ToolResultOutput;
  }
};

type Item = Extract<LanguageModelV4ToolResultOutput, { type: 'content' }>['value'][number];

const readItem = (item: Item, losses: LossReport): TextPart | FilePart => {
  switch (item.type) {
    case 'text':
      return { type: 'text', text: item.text, ...carrying(item.providerOptions) };
    case 'file':
      return fromSdkFile(item);
    case 'custom':
      losses.add('unsupported', 'custom part of a tool result', 'It was left out.');
      return { type: 'text', text: '', ...carrying(undefined, { part: pack(item) }) };
  }
};

const writeOutput = (output: ToolResultOutput): LanguageModelV4ToolResultOutput => {
  switch (output.type) {
    case 'execution-denied': {
      const { reason } = output;
      return { type: 'execution-denied', ...(reason !== undefined && { reason }) };
    }
    case 'content':
      return { type: 'content', value: output.value.map(writeItem) };
    default:
      return output;
  }
};

const writeItem = (item: TextPart | FilePart): Item => {
  if (item.type === 'file') return toSdkFile(item);
  const { part } = carriedIn(item.providerMetadata);
  if (part !== undefined) return unpack(part) as Item;
  return { type: 'text', text: item.text, ...asOptions(item.providerMetadata) };
};
