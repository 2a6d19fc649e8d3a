import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { createRegistry } from '@millrace/core';
import { openai } from '@millrace/providers/openai';
import { generateMasterKey, type ImportRule, type Vault, type VaultEntry } from '@millrace/vault';
import { openVault } from './open-vault.ts';
import { readSecret } from './read-secret.ts';
import { type Terminal, table, write } from './terminal.ts';

/** The options of `millrace keys`. */
export interface KeysOptions {
  readonly label?: string | undefined;
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
  readonly priority?: string | undefined;
  readonly grace?: string | undefined;
  readonly out?: string | undefined;
  readonly rule?: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

const COMMANDS = 'add, list, verify, rotate, remove, export, import and master';
const HOUR_MS = 3_600_000;
const RULES: readonly string[] = ['skip', 'replace', 'newer'];

/** Keep keys sealed: `millrace keys <command>`. */
export const keys = async (
  words: readonly string[],
  options: KeysOptions,
  environment: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<void> => {
  const [command, name, ...more] = words;
  if (command === undefined) throw new Error(`Say what to do: millrace keys ${COMMANDS}.`);
  if (more.length > 0) {
    throw new Error('A key is never given on the command line: it is asked for, or read from the input.');
  }
  if (command === 'master') return write(terminal.output, `${await generateMasterKey()}\n`);
  const run = commands[command];
  if (run === undefined) throw new Error(`There is no "keys ${command}". Use ${COMMANDS}.`);
  const baseUrl = environment['OPENAI_BASE_URL'];
  const registry = createRegistry({ providers: [openai({ ...(baseUrl && { baseUrl }) })] });
  const vault = await openVault(environment, (provider, credential, signal) =>
    registry.verify(provider, signal, credential),
  );
  try {
    await run({ vault, name, options, terminal, actor: userInfo().username });
  } finally {
    await vault.close();
  }
};

interface Context {
  readonly vault: Vault;
  readonly name: string | undefined;
  readonly options: KeysOptions;
  readonly terminal: Terminal;
  readonly actor: string;
}

const needName = ({ name }: Context, what: string): string => {
  if (name === undefined) throw new Error(`Name ${what}.`);
  return name;
};

/** The key that a provider's name and the options mean. */
const findKey = async (context: Context): Promise<VaultEntry> => {
  const name = needName(context, 'the provider, or the id of a key');
  const { label, project, environment } = context.options;
  const all = (await context.vault.list()).filter(({ retiresAt }) => retiresAt === null);
  const found = all.filter(
    (entry) =>
      entry.id === name ||
      (entry.provider === name &&
        (label === undefined || entry.label === label) &&
        (project === undefined || entry.project === project) &&
        (environment === undefined || entry.environment === environment)),
  );
  const [entry] = found;
  if (entry === undefined) throw new Error(`The vault has no such key of "${name}".`);
  if (found.length > 1) {
    throw new Error(
      `There are ${found.length} such keys; name one by --label, --project, --environment or its id.`,
    );
  }
  return entry;
};

const line = ({ provider, label, maskedKey, status }: VaultEntry): string =>
  `${provider}/${label} ${maskedKey} ${status}\n`;

const day = (time: number | null): string =>
  time === null ? '-' : new Date(time).toISOString().slice(0, 16);

const commands: Readonly<Record<string, (context: Context) => Promise<void>>> = {
  async add(context) {
    const { vault, options, terminal, actor } = context;
    const provider = needName(context, 'the provider, such as openai');
    const { label, project, environment, priority } = options;
    const key = await readSecret(terminal, `Key of ${provider}`);
    const input = { provider, label, project, environment, key };
    const entry = await vault.save(
      { ...input, ...(priority !== undefined && { priority: Number(priority) }) },
      { actor },
    );
    await write(terminal.output, line(entry));
  },
  async list({ vault, options, terminal }) {
    const entries = await vault.list();
    if (options.json) return write(terminal.output, `${JSON.stringify(entries, undefined, 2)}\n`);
    const rows = entries.map((entry) => [
      entry.provider,
      entry.label,
      entry.project || '-',
      entry.environment || '-',
      entry.maskedKey,
      entry.active ? entry.status : 'off',
      day(entry.lastVerifiedAt),
      day(entry.retiresAt),
      entry.id,
    ]);
    const head = ['provider', 'label', 'project', 'env', 'key', 'status', 'verified', 'retires', 'id'];
    await write(terminal.output, table(head, rows));
  },
  async verify(context) {
    const { vault, terminal, actor } = context;
    const { id } = await findKey(context);
    const { entry, verification } = await vault.verify(id, { actor, signal: terminal.signal });
    await write(terminal.output, line(entry));
    if (verification.status !== 'verified') throw new Error(verification.message);
  },
  async rotate(context) {
    const { vault, options, terminal, actor } = context;
    const old = await findKey(context);
    const graceMs = options.grace === undefined ? undefined : Number(options.grace) * HOUR_MS;
    const key = await readSecret(terminal, `New key of ${old.provider}/${old.label}`);
    await write(terminal.output, line(await vault.rotate(old.id, key, { actor, graceMs })));
  },
  async remove(context) {
    const entry = await findKey(context);
    await context.vault.remove(entry.id, { actor: context.actor });
    await write(context.terminal.output, `removed ${entry.provider}/${entry.label} ${entry.maskedKey}\n`);
  },
  async export({ vault, options, terminal, actor }) {
    const passphrase = await readSecret(terminal, 'Passphrase for the export');
    const text = await vault.exportKeys(passphrase, { actor });
    if (options.out === undefined) return write(terminal.output, text);
    await writeFile(options.out, text, { mode: 0o600, flag: 'wx' });
    await write(terminal.notes, `The keys are in ${options.out}, sealed by the passphrase.\n`);
  },
  async import(context) {
    const { vault, options, terminal, actor } = context;
    const file = needName(context, 'the file to import');
    const { rule = 'skip' } = options;
    if (!RULES.includes(rule)) throw new Error(`--rule is one of ${RULES.join(', ')}.`);
    const text = await readFile(file, 'utf8');
    const passphrase = await readSecret(terminal, 'Passphrase of the export');
    const plan = await vault.planImport(text, passphrase, { rule: rule as ImportRule });
    for (const { action, provider, label, maskedKey, reason } of plan.steps)
      await write(terminal.output, `${action.padEnd(7)} ${provider}/${label} ${maskedKey}  ${reason}\n`);
    if (!options.yes) {
      await write(terminal.notes, 'Nothing was changed. Give --yes to carry this out.\n');
      return;
    }
    await vault.applyImport(plan, { actor });
  },
};
