import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { LedgerRecord } from '../ledger/ledger-record.js';
import type { MillraceError } from '../model/errors/millrace-error.js';
import type { JsonSchema } from '../model/json.js';
import type { ModelEvent, RouteInfo } from '../model/model-event.js';
import type { Reply } from '../model/reply.js';
import type {
  ChatReply,
  ChatRequest,
  ChatStream,
  Gateway,
  GatewayEvents,
  HostSchema,
  Stage,
} from './index.js';

declare const gateway: Gateway;
declare const jsonSchema: JsonSchema;

describe('the output of a reply', () => {
  const person = z.object({ name: z.string(), born: z.string().transform(Number) });

  test('has the type that the schema parses to', async () => {
    const reply = await gateway.chat({ prompt: 'x', output: { schema: person } });
    expectTypeOf(reply).toEqualTypeOf<ChatReply<{ name: string; born: number }>>();
    expectTypeOf(reply.output.born).toBeNumber();
  });

  test('is unknown where the schema says nothing to the compiler', async () => {
    const { output } = await gateway.chat({ prompt: 'x', output: { schema: jsonSchema } });
    expectTypeOf(output).not.toBeAny();
  });

  test('is undefined when none was asked for', async () => {
    const { output } = await gateway.chat({ prompt: 'x' });
    expectTypeOf(output).toBeUndefined();
  });

  test('comes with the whole reply', () => {
    expectTypeOf<ChatReply<string>>().toExtend<Reply>();
    expectTypeOf(person).toExtend<HostSchema<{ name: string; born: number }>>();
  });
});

describe('a request', () => {
  test('takes messages in full or as strings', () => {
    expectTypeOf<{
      messages: [
        { role: 'system'; content: string },
        { role: 'user'; content: string },
        { role: 'user'; content: [{ type: 'text'; text: string }] },
        Reply['message'],
      ];
    }>().toExtend<ChatRequest>();
  });

  test('takes tools with a zod schema or JSON Schema', () => {
    const tools = [
      { name: 'a', inputSchema: z.object({ city: z.string() }) },
      { name: 'b', inputSchema: { type: 'object', properties: {} } },
    ];
    expectTypeOf({ prompt: 'x', tools }).toExtend<ChatRequest>();
  });

  test('refuses what no vendor knows', () => {
    // @ts-expect-error a role that there is not
    void gateway.chat({ messages: [{ role: 'developer', content: 'x' }] });
    // @ts-expect-error a tool choice in the form of one vendor
    void gateway.chat({ prompt: 'x', toolChoice: 'auto' });
    // @ts-expect-error a setting that is misspelt
    void gateway.chat({ prompt: 'x', maxTokens: 5 });
  });
});

describe('a stream', () => {
  test('is iterated event by event', () => {
    expectTypeOf(gateway.stream({ prompt: 'x' })).toEqualTypeOf<ChatStream>();
    expectTypeOf<ChatStream>().toExtend<AsyncIterable<ModelEvent>>();
    expectTypeOf<ChatStream['route']>().toEqualTypeOf<RouteInfo | undefined>();
    expectTypeOf<Awaited<ReturnType<ChatStream['reply']>>>().toEqualTypeOf<Reply>();
  });

  test('narrows an event by its type', () => {
    const read = (event: ModelEvent): void => {
      if (event.type === 'text-delta') expectTypeOf(event.delta).toBeString();
      if (event.type === 'finish')
        expectTypeOf(event.cost?.costUsd).toEqualTypeOf<number | null | undefined>();
    };
    expectTypeOf(read).toBeFunction();
  });
});

describe('the events of a gateway', () => {
  test('have the type that belongs to their name', () => {
    expectTypeOf<keyof GatewayEvents>().toEqualTypeOf<
      | 'call-start'
      | 'call-route'
      | 'call-retry'
      | 'call-first-token'
      | 'call-feedback'
      | 'budget-warning'
      | 'budget-exceeded'
      | 'call-end'
    >();
    gateway.on('call-end', ({ record, error }) => {
      expectTypeOf(record).toEqualTypeOf<LedgerRecord>();
      expectTypeOf(error).toEqualTypeOf<MillraceError | undefined>();
    });
    expectTypeOf(gateway.on('call-start', () => undefined)).toEqualTypeOf<() => void>();
    // @ts-expect-error an event that there is not
    gateway.on('call-over', () => undefined);
  });
});

test('a stage may be an async generator', () => {
  const stage = (next: Parameters<Stage>[0]) =>
    async function* (call: Parameters<ReturnType<Stage>>[0]) {
      yield* next(call);
    };
  expectTypeOf(stage).toExtend<Stage>();
});
