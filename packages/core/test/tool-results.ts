import type { Message, ToolResultOutput } from '../src/model/index.js';

/** An agent that runs tools, and what they gave. */
export const results = (...outputs: (string | ToolResultOutput)[]): Message[] => [
  { role: 'user', content: [{ type: 'text', text: 'Find the fault.' }] },
  ...outputs.flatMap((output, index): Message[] => {
    const toolCallId = `call-${index}`;
    return [
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId, toolName: 'run', input: { step: index } }],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId,
            toolName: 'run',
            output: typeof output === 'string' ? { type: 'text', value: output } : output,
          },
        ],
      },
    ];
  }),
];

/** What the tools gave. */
export const outputsOf = (messages: readonly Message[]): unknown[] =>
  messages.flatMap((message) =>
    message.role === 'tool'
      ? message.content.map(({ output }) => ('value' in output ? output.value : ''))
      : [],
  );

/** A piece of a program. */
export const CODE: readonly string[] = [
  'import numpy as np',
  'from pydicom.dataset import Dataset',
  '',
  'required = ["BitsAllocated", "Rows", "Columns"]',
  'missing = [name for name in required if name not in ds]',
  'if missing:',
  '    raise AttributeError("required elements are missing: " + ", ".join(missing))',
  'expected = get_expected_length(ds)',
];
