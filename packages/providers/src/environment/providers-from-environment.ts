import { parseConfig } from '@millrace/core/config';
import type { JsonObject } from '@millrace/core/model';
import { ConfigError } from '@millrace/core/model';
import type { Provider } from '@millrace/core/provider';
import { anthropic } from '../anthropic/index.js';
import { claudeCli } from '../claude-cli/index.js';
import { providersFromConfig } from '../config/providers-from-config.js';
import { google } from '../google/index.js';
import { openai } from '../openai/index.js';
import { openaiPreset, PRESETS, type PresetName } from '../openai-compatible/presets.js';
import { findLocalOllama } from './local-ollama.js';

/** Where to look for providers. */
export interface EnvironmentOptions {
  /** Default: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Whether to look for an Ollama on this machine. Default: true. */
  readonly lookForOllama?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const COMPATIBLE = 'MILLRACE_OPENAI_COMPATIBLE';

/**
 * The providers that the environment tells of:
 *
 * - `OPENAI_API_KEY`, with `OPENAI_BASE_URL`, `OPENAI_ORG_ID` and `OPENAI_PROJECT_ID`;
 * - `ANTHROPIC_API_KEY`, with `ANTHROPIC_BASE_URL`;
 * - `GEMINI_API_KEY`;
 * - `GROQ_API_KEY`, `TOGETHER_API_KEY`, `XAI_API_KEY`, `DEEPSEEK_API_KEY`, `MISTRAL_API_KEY`, `OPENROUTER_API_KEY`,
 *   `FIREWORKS_API_KEY` and `CEREBRAS_API_KEY`;
 * - `MILLRACE_OPENAI_COMPATIBLE`, a JSON list such as
 *   `[{"id":"groq","baseUrl":"https://api.groq.com/openai/v1","apiKeyEnv":"GROQ_API_KEY"}]`, with the fields that a
 *   provider has in `millrace.yaml`;
 * - `MILLRACE_CLAUDE_CLI`, set to `1`: the Claude CLI of this machine, with the login that it has;
 * - an Ollama on this machine, at `OLLAMA_HOST` or its usual port.
 *
 * Keys are not copied: each call asks the gateway's credential source, which reads the environment anew.
 *
 * @returns An empty list when there is none; a host may then fall back to `simulated()`.
 * @throws ConfigError when a variable cannot be understood.
 */
export const providersFromEnvironment = async (options: EnvironmentOptions = {}): Promise<Provider[]> => {
  const environment = options.environment ?? process.env;
  const providers: Provider[] = [];
  if (environment['OPENAI_API_KEY']?.trim()) {
    providers.push(
      openai({
        baseUrl: environment['OPENAI_BASE_URL'] || undefined,
        organization: environment['OPENAI_ORG_ID'] || undefined,
        project: environment['OPENAI_PROJECT_ID'] || undefined,
      }),
    );
  }
  if (environment['ANTHROPIC_API_KEY']?.trim()) {
    providers.push(anthropic({ baseUrl: environment['ANTHROPIC_BASE_URL'] || undefined }));
  }
  if (environment['GEMINI_API_KEY']?.trim()) providers.push(google());
  const compatible = environment[COMPATIBLE]?.trim();
  if (compatible) providers.push(...fromVariable(compatible));
  for (const name of Object.keys(PRESETS) as PresetName[]) {
    const variable = PRESETS[name].apiKeyEnvironmentVariable;
    // An entry of the list above goes before the preset of the same name.
    const isNew = providers.every(({ id }) => id !== name);
    if (variable !== undefined && environment[variable]?.trim() && isNew) providers.push(openaiPreset(name));
  }
  if (environment['MILLRACE_CLAUDE_CLI']?.trim() === '1') providers.push(claudeCli());
  if (options.lookForOllama !== false) {
    const ollama = await findLocalOllama({
      host: environment['OLLAMA_HOST'] || undefined,
      signal: options.signal,
    });
    if (ollama !== undefined && providers.every(({ id }) => id !== ollama.id)) providers.push(ollama);
  }
  return providers;
};

/** The list is checked as the `providers` of a configuration file are. */
const fromVariable = (text: string): Provider[] => {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list)) {
    throw new ConfigError(
      `${COMPATIBLE} must be a JSON list of providers, such as [{"id":"groq","baseUrl":"https://…"}].`,
      {
        key: COMPATIBLE,
      },
    );
  }
  const providers = list.map((entry: JsonObject) => ({ type: 'openai-compatible', ...entry }));
  const config = parseConfig(JSON.stringify({ version: 1, providers }), { file: COMPATIBLE, format: 'json' });
  return providersFromConfig(config).map(({ provider }) => provider);
};
