import { ConfigError } from '@millrace/core/model';
import type { KeyVerification, ModelInfo, Provider, ProviderContext } from '@millrace/core/provider';
import { asObject, asText, checkBaseUrl, parseJson } from '../transport/index.js';
import { createAnswerStream } from './answer-stream.js';
import { exitFailure } from './failures.js';
import { CLAUDE_CLI_MODELS } from './models.js';
import { type CliSettings, runCli, secretsOf } from './run-cli.js';
import type { ChildExit } from './start-child.js';

/** How to run the Claude CLI. */
export interface ClaudeCliOptions {
  /** Default: `claude-cli`. */
  readonly id?: string | undefined;
  /** The name for people. Default: `Claude CLI`. */
  readonly label?: string | undefined;
  /** The program, by name or path. Default: `claude`. On Windows the path of `claude.exe`. */
  readonly command?: string | undefined;
  /**
   * An API key, or a token of `claude setup-token`. Default: asked of the gateway's credential source, which looks for
   * `CLAUDE_CODE_OAUTH_TOKEN`; where there is none the program uses its own login.
   */
  readonly apiKey?: string | undefined;
  /** The variable in which the key is kept. Default: `CLAUDE_CODE_OAUTH_TOKEN`. */
  readonly apiKeyEnvironmentVariable?: string | undefined;
  /** Where the program finds the API. Default: the program's own. */
  readonly baseUrl?: string | undefined;
  /** Where the program runs. Default: an empty folder for each call, removed afterwards. */
  readonly workingDirectory?: string | undefined;
  /**
   * Own tools of the program that requests may use, such as `WebSearch` or `Bash(git *)`. They run on this machine with
   * the rights of this process, without asking. A request takes all of them, or chooses some by
   * `providerOptions['claude-cli'].tools`. Default: none.
   */
  readonly tools?: readonly string[] | undefined;
  /** Variables for the program besides the few that it inherits. They go before everything else. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Default: the program's short names and Anthropic's models. */
  readonly models?: readonly ModelInfo[] | undefined;
  /** Milliseconds that a cancelled run has to end by itself before it is ended. Default: 2,000. */
  readonly killGraceMs?: number | undefined;
}

/** Letters and digits, and behind them in brackets what the tool may do. */
const TOOL = /^[A-Za-z][\w-]*(?:\([^)]*\))?$/;

/**
 * The Claude CLI of this machine, `claude`, with the login that it has. Each call runs it once; nothing runs before the
 * first event is pulled, and no process is left when a call ends.
 *
 * @throws ConfigError when an option cannot be understood.
 */
export const claudeCli = (options: ClaudeCliOptions = {}): Provider => {
  const { id = 'claude-cli', label = 'Claude CLI', apiKey, tools = [], models = CLAUDE_CLI_MODELS } = options;
  const { command = 'claude', workingDirectory, env = {}, killGraceMs: graceMs = 2_000 } = options;
  const wrong = tools.find((name) => !TOOL.test(name));
  if (wrong !== undefined)
    throw new ConfigError(
      `${id}: "${wrong}" is no tool. Write \`tools\` such as ["WebSearch", "Bash(git *)"].`,
      {
        key: 'tools',
      },
    );
  const baseUrl =
    options.baseUrl === undefined ? undefined : checkBaseUrl(options.baseUrl, id).replace(/\/v1$/, '');
  const settings: CliSettings = { provider: id, command, workingDirectory, baseUrl, env, graceMs };
  const stream = createAnswerStream(settings, tools);

  return {
    specification: 'millrace-provider-v1',
    id,
    label,
    credential: {
      required: false,
      environmentVariable: options.apiKeyEnvironmentVariable ?? 'CLAUDE_CODE_OAUTH_TOKEN',
    },
    ...(apiKey !== undefined && { credentialSource: { get: () => ({ apiKey, label: `${id} apiKey` }) } }),
    models,
    stream,
    // The program takes no limit.
    outputLimit: () => Number.POSITIVE_INFINITY,
    async verify(context): Promise<KeyVerification> {
      if (context.credential === undefined) return verifyLogin(settings, label, context);
      // The program does not look at a key before it uses it: the cheapest proof is the shortest answer.
      const content = [{ type: 'text', text: 'Answer with the word yes.' }] as const;
      const request = { model: 'haiku', messages: [{ role: 'user', content }] } as const;
      const events = createAnswerStream(settings, [])(request, { ...context, delivery: 'incremental' });
      for await (const event of events) if (event.type === 'stream-start') break;
      return { status: 'verified', message: `${label} answers with this key.` };
    },
  };
};

/** Ask the program whether it is signed in. Costs nothing. */
const verifyLogin = async (
  settings: CliSettings,
  label: string,
  { signal }: ProviderContext,
): Promise<KeyVerification> => {
  const run = await runCli(settings, { flags: ['auth', 'status'], apiKey: undefined, signal });
  const { child } = run;
  const pieces: Uint8Array[] = [];
  let exit: ChildExit;
  try {
    child.endInput();
    for await (const piece of child.stdout) pieces.push(piece);
    exit = await child.ended();
  } finally {
    await run.close();
  }
  const status = parseJson(Buffer.concat(pieces).toString('utf8'));
  const { loggedIn, authMethod } = asObject<{ loggedIn?: unknown; authMethod?: unknown }>(status);
  if (typeof loggedIn !== 'boolean') {
    const { provider, command } = settings;
    const secrets = secretsOf(settings, undefined);
    throw exitFailure(exit, child.stderr(), { provider, command, secrets }, false);
  }
  if (loggedIn) {
    const how = asText(authMethod);
    return { status: 'verified', message: `${label} is signed in${how === undefined ? '' : ` (${how})`}.` };
  }
  const message = `${label} is not signed in. Run \`claude\` once and sign in, or configure a key.`;
  return { status: 'missing', message };
};
