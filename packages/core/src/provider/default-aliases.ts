/**
 * Names of models that have retired or that people use for a kind of model, and the tier that serves them today.
 * Looked up only when no enabled provider has a model of that very name. As of 2026-11-20.
 */
export const DEFAULT_ALIASES: Readonly<Record<string, string>> = {
  'gpt-4': 'tier:premium',
  'gpt-4-32k': 'tier:premium',
  'gpt-4-turbo': 'tier:premium',
  'gpt-4-vision-preview': 'tier:premium',
  'gpt-3.5-turbo': 'tier:economy',
  'gpt-3.5-turbo-16k': 'tier:economy',
  'text-davinci-003': 'tier:standard',
  'claude-2': 'tier:standard',
  'claude-instant-1': 'tier:economy',
  'claude-3-opus': 'tier:premium',
  'claude-3-sonnet': 'tier:standard',
  'claude-3-haiku': 'tier:economy',
  'gemini-pro': 'tier:standard',
};
