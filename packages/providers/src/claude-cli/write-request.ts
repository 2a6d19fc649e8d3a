import { type JsonObject, MillraceError, type ModelRequest, type Warning } from '@millrace/core/model';
import { createLossReport, type LossReport } from '../transport/index.js';
import { prepareSchema } from './prepare-schema.js';
import { writeConversation } from './write-conversation.js';

/** A request as the program takes it. */
export interface WrittenRequest {
  /** Flags, without the one for the instructions. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly system: string;
  /** Lines for its input; see `WrittenConversation`. */
  readonly steps: readonly (readonly JsonObject[])[];
  /** The answer is JSON that the program holds to a schema. */
  readonly isJson: boolean;
  readonly warnings: readonly Warning[];
}

/** What does not change from request to request. */
export interface WriteOptions {
  readonly provider: string;
  /** Own tools of the program that requests may use. */
  readonly tools: readonly string[];
}

/** Always there: print events as JSON, keep nothing, and take no settings of the user, project or folder. */
const FLAGS: readonly string[] = [
  '--print',
  '--output-format=stream-json',
  '--input-format=stream-json',
  '--include-partial-messages',
  '--verbose',
  '--setting-sources=',
  '--strict-mcp-config',
  '--no-session-persistence',
  '--disable-slash-commands',
];

/** A system takes no longer argument (128 KiB on Linux, 32 KiB for all on Windows). */
const LONGEST_SCHEMA = 30_000;

/**
 * Write a request: everything of the conversation goes by standard input, only settings become flags.
 *
 * @throws MillraceError `BAD_REQUEST` or `REQUEST_TOO_LARGE`.
 */
export const writeRequest = (request: ModelRequest, options: WriteOptions): WrittenRequest => {
  const losses = createLossReport();
  const { provider } = options;
  const { model, responseFormat } = request;
  // It becomes an argument of a program.
  if (!/^[A-Za-z0-9][A-Za-z0-9._:@/[\]-]{0,199}$/.test(model))
    throw new MillraceError('BAD_REQUEST', `${provider}: "${model.slice(0, 80)}" is no name of a model.`);
  const own: JsonObject = {
    ...request.providerOptions?.['claude-cli'],
    ...request.providerOptions?.[provider],
  };
  const tools = chooseTools(own['tools'], options);
  reportSettings(request, losses);
  const conversation = writeConversation(request.messages, provider, losses);
  const isJson = responseFormat?.type === 'json';
  const reasoning = writeReasoning(request, losses);
  return {
    flags: [
      ...FLAGS,
      `--model=${model}`,
      '--tools',
      // The list of what exists takes bare names; what may run without asking may be narrower: `Bash(git *)`.
      [...new Set(tools.map((name) => name.replace(/\(.*$/s, '')))].join(','),
      ...(tools.length > 0 ? ['--allowedTools', ...tools] : []),
      ...reasoning.flags,
      ...(isJson ? [`--json-schema=${writeSchema(responseFormat.schema, provider)}`] : []),
    ],
    environment: {
      ...reasoning.environment,
      ...(tools.length === 0 && { CLAUDE_CODE_DISABLE_ATTACHMENTS: '1' }),
    },
    ...conversation,
    isJson,
    warnings: losses.list(),
  };
};

/** A request may come from far away: it chooses among the tools that the host has allowed, and adds none. */
const chooseTools = (wanted: unknown, { tools, provider }: WriteOptions): readonly string[] => {
  if (wanted === undefined) return tools;
  const names = Array.isArray(wanted) ? wanted.map(String) : undefined;
  const foreign = names?.find((name) => !tools.includes(name));
  if (names !== undefined && foreign === undefined) return names;
  const what =
    names === undefined ? '`tools` must be a list of names' : `The tool "${foreign}" is not allowed`;
  const allowed = tools.length === 0 ? 'none' : tools.join(', ');
  throw new MillraceError(
    'BAD_REQUEST',
    `${provider}: ${what}. The \`tools\` option of claudeCli() allows: ${allowed}.`,
  );
};

const UNSUPPORTED = [
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'stopSequences',
  'seed',
  'parallelToolCalls',
  'headers',
] as const;

const reportSettings = (request: ModelRequest, losses: LossReport): void => {
  for (const name of UNSUPPORTED) {
    if (request[name] !== undefined)
      losses.add('unsupported', name, 'The program has no such setting; it was left out.');
  }
  if ((request.tools ?? []).length > 0)
    losses.add('unsupported', 'tools', 'The program runs no tools but its own; they were left out.');
  const choice = request.toolChoice?.type;
  if (choice === 'required' || choice === 'tool')
    losses.add('unsupported', 'toolChoice', 'The program chooses by itself; it was left out.');
};

const writeReasoning = (
  { reasoning }: ModelRequest,
  losses: LossReport,
): { readonly flags: readonly string[]; readonly environment: Readonly<Record<string, string>> } => {
  if (reasoning === undefined) return { flags: [], environment: {} };
  if (reasoning === 'none') {
    losses.add('compatibility', 'reasoning', 'Thinking is switched off, but some models think all the same.');
    return { flags: [], environment: { MAX_THINKING_TOKENS: '0', CLAUDE_CODE_DISABLE_THINKING: '1' } };
  }
  if (reasoning === 'minimal')
    losses.add('compatibility', 'reasoning', 'There is no such effort; the least, low, was asked for.');
  return { flags: [`--effort=${reasoning === 'minimal' ? 'low' : reasoning}`], environment: {} };
};

const writeSchema = (schema: JsonObject | undefined, provider: string): string => {
  if (schema?.['type'] !== undefined && schema['type'] !== 'object') {
    const message = 'The root of the schema must be an object; put the value into a property.';
    throw new MillraceError('BAD_REQUEST', `${provider}: ${message}`);
  }
  const text = JSON.stringify(schema === undefined ? { type: 'object' } : prepareSchema(schema));
  if (text.length <= LONGEST_SCHEMA) return text;
  const message = `The schema is ${text.length} characters long; the program takes ${LONGEST_SCHEMA}.`;
  throw new MillraceError('REQUEST_TOO_LARGE', `${provider}: ${message}`);
};
