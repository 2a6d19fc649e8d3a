import type { ModelInfo } from '@millrace/core/provider';
import { ANTHROPIC_MODELS } from '../anthropic/models.js';

/** What the program's own short names stood for when these facts were read. The answer says which model it was. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  sonnet: 'claude-sonnet-5-5',
  opus: 'claude-opus-5-5',
  haiku: 'claude-haiku-5-5',
  fable: 'claude-fable-5-1',
};

/** The program runs no tools but its own. */
const withoutTools = (info: ModelInfo): ModelInfo => ({
  ...info,
  capabilities: { ...info.capabilities, tools: false },
});

const shortNames = Object.entries(SHORT_NAMES).flatMap(([id, full]) => {
  const info = ANTHROPIC_MODELS.find((model) => model.id === full);
  return info === undefined ? [] : [{ ...info, id, aliases: undefined }];
});

/** The program's short names, then Anthropic's models by their full ids. Prices are those of the API. */
export const CLAUDE_CLI_MODELS: readonly ModelInfo[] = [...shortNames, ...ANTHROPIC_MODELS].map(withoutTools);
