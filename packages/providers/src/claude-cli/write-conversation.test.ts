import type { Message } from '@millrace/core/model';
import { expect, test } from 'vitest';
import { createLossReport } from '../transport/index.js';
import { writeConversation } from './write-conversation.js';

test('each turn goes in its own role, and the earlier ones are marked as history', () => {
  const losses = createLossReport();
  const messages: Message[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: '/cost of tea?' }] },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'I look.' },
        { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: { a: 1 } },
      ],
    },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', toolCallId: 'c', toolName: 'look', output: { type: 'text', value: '3' } },
      ],
    },
    { role: 'system', content: 'Now be long.' },
    { role: 'assistant', content: [{ type: 'text', text: 'Three.' }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'And this?' },
        { type: 'file', mediaType: 'image/*', data: { type: 'data', data: 'iVBORw0KGgo=' } },
        { type: 'file', mediaType: 'image/png', data: { type: 'url', url: 'https://a.example/x.png' } },
      ],
    },
  ];
  const { system, steps } = writeConversation(messages, 'claude-cli', losses);
  expect(steps.map((step) => step.length)).toEqual([1, 2, 2]);
  expect(system).toBe('Be brief.');
  expect(steps.flat()).toEqual([
    {
      type: 'user',
      // The program would run a text that begins with a slash as a command.
      message: { role: 'user', content: [{ type: 'text', text: ' /cost of tea?' }] },
      shouldQuery: false,
    },
    {
      type: 'assistant',
      message: {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'text', text: '[Called the tool look with {"a":1}]' },
        ],
      },
    },
    {
      type: 'user',
      message: {
        role: 'user',
        content: [
          { type: 'text', text: '[The tool look gave: 3]' },
          { type: 'text', text: '<instructions>\nNow be long.\n</instructions>' },
        ],
      },
      shouldQuery: false,
    },
    { type: 'assistant', message: { role: 'assistant', content: [{ type: 'text', text: 'Three.' }] } },
    {
      type: 'user',
      message: {
        role: 'user',
        content: [
          { type: 'text', text: 'And this?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
        ],
      },
    },
  ]);
  expect(losses.list().map((one) => ('feature' in one ? `${one.type} ${one.feature}` : one.message))).toEqual(
    [
      'unsupported reasoning in the history',
      'compatibility tool calls in the history',
      'compatibility system message inside the conversation',
      'unsupported image by URL',
    ],
  );
});

test('files go as bytes: PDF as a document, text as text; others are refused', () => {
  const write = (mediaType: string, data: string) => {
    const file = { type: 'file', mediaType, data: { type: 'data', data } } as const;
    const { steps } = writeConversation(
      [{ role: 'user', content: [file] }],
      'claude-cli',
      createLossReport(),
    );
    return steps[0]?.[0]?.['message'];
  };
  const source = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' };
  expect(write('application/pdf', 'JVBERi0=')).toEqual({
    role: 'user',
    content: [{ type: 'document', source }],
  });
  expect(write('text/plain', 'SGk=')).toEqual({ role: 'user', content: [{ type: 'text', text: 'Hi' }] });
  expect(() => write('audio/wav', 'AAAA')).toThrow(/audio\/wav are not accepted/);
  expect(() => write('image/*', 'AAAA')).toThrow(/use JPEG, PNG, GIF or WebP/);
});
