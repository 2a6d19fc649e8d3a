#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MillraceError } from '@millrace/core';
import { assembleGateway } from './assemble-gateway.ts';
import { budget } from './budget.ts';
import { chat } from './chat.ts';
import { keys } from './keys.ts';
import { models } from './models.ts';
import type { Terminal } from './terminal.ts';
import { usage } from './usage.ts';

const HELP = `Usage: millrace <command>

  chat [--model M] [--system S] [prompt…]   ask, and stream the answer; without a prompt, it is read from the input
  models [--json]                           list the models that can be called, cheapest first
  usage [--days N] [--by user] [--json]     what was called and what it cost; --csv lists every call;
                                            --user U and --project P count only theirs
  budget [--user U] [--project P] [--json]  what may be spent, and what is left of it
  budget set <id> --limit USD --period P    hour, day, week, month, total or run; --per user,project; --zone Z
  budget remove <id>                        take a limit away
  keys add|verify|rotate|remove <provider>  keep keys sealed; a key is asked for, or read from the input
  keys list [--json]                        what is kept, masked
  keys export [--out F] | import F [--yes]  move keys under a passphrase
  keys master                               make a master key for MILLRACE_MASTER_KEY

M is provider:model, a model's name, an alias, tier:economy|standard|premium, or auto (the default).
Which key: --label L, --project P, --environment E. Also --priority N, --grace HOURS, --rule skip|replace|newer.
Providers come from millrace.yaml and from the environment: OPENAI_API_KEY, MILLRACE_OPENAI_COMPATIBLE, a local Ollama.
`;
const INTERRUPTED = 130;

/** Run one command. Returns the exit code. */
export const main = async (
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> => {
  try {
    return await run(argv, environment, terminal);
  } catch (error) {
    if (terminal.signal.aborted) return INTERRUPTED;
    const known = MillraceError.isInstance(error) ? `${error.message} (${error.code})` : undefined;
    terminal.notes.write(`millrace: ${known ?? (error instanceof Error ? error.message : String(error))}\n`);
    return 1;
  }
};

const run = async (
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      model: { type: 'string', short: 'm' },
      system: { type: 'string', short: 's' },
      days: { type: 'string' },
      json: { type: 'boolean', default: false },
      label: { type: 'string' },
      project: { type: 'string' },
      environment: { type: 'string' },
      priority: { type: 'string' },
      grace: { type: 'string' },
      by: { type: 'string' },
      csv: { type: 'boolean', default: false },
      user: { type: 'string' },
      limit: { type: 'string' },
      period: { type: 'string' },
      per: { type: 'string' },
      zone: { type: 'string' },
      out: { type: 'string' },
      rule: { type: 'string' },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, ...words] = positionals;
  if (values.help || command === undefined) {
    (values.help ? terminal.output : terminal.notes).write(HELP);
    return values.help ? 0 : 2;
  }
  if (command === 'keys') {
    await keys(words, values, environment, terminal);
    return 0;
  }
  if (!['chat', 'models', 'usage', 'budget'].includes(command)) {
    throw new Error(
      `There is no command "${command}". Use chat, models, usage, budget or keys; --help tells more.`,
    );
  }
  const days = values.days === undefined ? undefined : Number(values.days);
  if (days !== undefined && !(days > 0 && Number.isFinite(days)))
    throw new Error(`--days must be a number above 0, not "${values.days}".`);
  if ((command === 'usage' || command === 'models') && words.length > 0)
    throw new Error(`"${command}" takes no words, and was given "${words.join(' ')}". --help tells more.`);

  const assembly = await assembleGateway(environment);
  const { gateway, budgets } = assembly;
  try {
    if (command === 'chat')
      await chat(gateway, { model: values.model, system: values.system, words }, terminal);
    else if (command === 'budget') await budget(budgets, words, values, terminal);
    else if (command === 'models') await models(gateway, { json: values.json }, terminal);
    else await usage(gateway, { ...values, days, by: values.by?.split(',') }, terminal);
    return 0;
  } finally {
    await assembly.close();
  }
};

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  // Whoever reads our output may stop early, as `head` does: end quietly, and cancel the call.
  process.stdout.on('error', () => controller.abort());
  const { stdin: input, stdout: output, stderr: notes } = process;
  process.exitCode = await main(process.argv.slice(2), process.env, {
    input,
    output,
    notes,
    signal: controller.signal,
  });
}
