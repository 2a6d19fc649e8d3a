#!/usr/bin/env node
// Plays the protocol of the Claude CLI for what the real one cannot be made to do. SCENARIO says which.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const args = process.argv.slice(2);
const scenario = process.env.SCENARIO ?? 'answer';
const lines = [];

const print = (line) => process.stdout.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
const event = (value, parent = null) =>
  print({ type: 'stream_event', event: value, parent_tool_use_id: parent });
const begin = (id = 'msg_1', parent = null) =>
  event({ type: 'message_start', message: { id, model: 'claude-opus-4-8[1m]' } }, parent);
const say = (text, parent = null) => {
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, parent);
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }, parent);
  event({ type: 'content_block_stop', index: 0 }, parent);
};
const finish = (fields = {}) => {
  print({
    type: 'result',
    subtype: 'success',
    is_error: false,
    stop_reason: 'end_turn',
    num_turns: 1,
    ...fields,
  });
};
const usage = (input, output) => ({
  inputTokens: input,
  outputTokens: output,
  cacheReadInputTokens: 0,
  cacheCreationInputTokens: 0,
});
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const forever = () => setInterval(() => {}, 1_000);

/** What it was started with, as an answer. */
const tell = () => {
  const file = args.find((arg) => arg.startsWith('--system-prompt-file='))?.split('=')[1];
  const system = file === undefined ? undefined : readFileSync(file, 'utf8');
  begin();
  say(JSON.stringify({ args, lines, system, cwd: process.cwd(), environment: process.env }));
  finish();
};

const scenarios = {
  answer: tell,
  malformed() {
    begin();
    say('Half');
    print('{"type": oh no');
  },
  'exit-3'() {
    process.stderr.write(
      `Cannot go on with key ${process.env.ANTHROPIC_API_KEY}\n${'x'.repeat(2_000)} the end`,
    );
    process.exitCode = 3;
  },
  'exit-3-midway'() {
    begin();
    say('Half');
    process.exitCode = 3;
  },
  'no-result'() {
    begin();
    say('Half');
  },
  signal() {
    begin();
    process.kill(process.pid, 'SIGKILL');
    forever();
  },
  costs() {
    begin();
    say('One.');
    begin('msg_sub', 'toolu_1');
    say('A sub-agent speaks.', 'toolu_1');
    finish({
      total_cost_usd: 0.25,
      usage: { input_tokens: 100, output_tokens: 10 },
      modelUsage: { 'claude-opus-4-8': usage(100, 10) },
    });
    begin('msg_2');
    say('Two.');
    finish({
      total_cost_usd: 0.75,
      usage: { input_tokens: 50, output_tokens: 5 },
      modelUsage: { 'claude-opus-4-8': usage(150, 15), 'claude-haiku-4-5': usage(1_000, 100) },
    });
  },
  prose() {
    begin();
    say('Here is your JSON, in a way.');
    finish({ usage: { input_tokens: 3, output_tokens: 4 } });
  },
  unstreamed() {
    print({
      type: 'assistant',
      message: { id: 'm', model: 'claude-opus-4-8', content: [{ type: 'text', text: 'At once.' }] },
    });
    finish();
  },
  tool() {
    begin();
    event({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 't', name: 'Read' },
    });
    event({ type: 'content_block_stop', index: 0 });
    begin('msg_2');
    say('It says so.');
    finish({ num_turns: 2, permission_denials: [{ tool_name: 'Bash' }] });
  },
  'gives-up'() {
    finish({ subtype: 'error_max_structured_output_retries', is_error: true, errors: ['Five tries.'] });
    process.exitCode = 1;
  },
  /** Has given its result, and stays. */
  async lingers() {
    tell();
    forever();
  },
  /** Leaves behind a process of a group of its own. */
  orphan() {
    begin();
    const script = 'setInterval(() => {}, 1000)';
    spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' }).unref();
    say('Done');
    finish();
  },
  /** Takes no notice of being asked to end, and neither does what it has started, outside of its group. */
  async stubborn() {
    process.on('SIGTERM', () => {});
    spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], {
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    await wait(100);
    begin();
    say('Ready');
    forever();
  },
};

if (args[0] === 'auth') {
  if (scenario === 'signed-in') print('{\n  "loggedIn": true,\n  "authMethod": "claude.ai"\n}');
  else if (scenario === 'odd-status') print('Never heard of it.');
  else {
    print('{ "loggedIn": false }');
    process.exitCode = 1;
  }
} else {
  const input = createInterface({ input: process.stdin });
  for await (const text of input) {
    const line = JSON.parse(text);
    lines.push(line);
    if (line.shouldQuery !== false) continue;
    if (scenario === 'too-old') begin();
    finish({ num_turns: 0, stop_reason: null, total_cost_usd: 0 });
  }
  await (scenarios[scenario] ?? tell)();
}
