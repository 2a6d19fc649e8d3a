import { wellFormed } from '../internal/well-formed.js';
/** What stands where a secret was. */
export const REDACTED = '[redacted]';

/** Shapes of keys and tokens that vendors and servers hand out. None backtracks over more than a bounded stretch. */
const KEY_SHAPES: readonly RegExp[] = [
  // OpenAI, Anthropic, OpenRouter, DeepSeek and others: `sk-…`, also when the vendor has masked its middle.
  /\b(?:sk|pk|rk)-[A-Za-z0-9_*.-]{6,}/g,
  // Groq, xAI, Fireworks, Cerebras, Hugging Face, Perplexity, Replicate, GitHub.
  /\b(?:gsk|xai|fw|csk|hf|pplx|r8|gh[pousr]|github_pat)[_-][A-Za-z0-9_*.-]{12,}/g,
  // Google API keys and OAuth tokens.
  /\bAIza[A-Za-z0-9_-]{20,}/g,
  /\bya29\.[A-Za-z0-9_.-]{16,}/g,
  // AWS access keys.
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  // JSON Web Tokens.
  /\beyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{4,4096}\.[A-Za-z0-9_-]{4,1024}/g,
];
const AUTHORIZATION = /\b(Bearer|Basic)\s+[A-Za-z0-9+/_=.~-]{6,}/gi;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'<>\\]{0,128}:)[^\s@/"'<>\\]{1,1024}(@)/gi;

/** A known secret shorter than this is not looked for: it would blank ordinary words. */
const SHORTEST_SECRET = 6;

/**
 * Replace everything in a text that is, or looks like, a secret.
 *
 * @param secrets - Values to hide wherever they stand, whatever their shape. Those shorter than 6 characters are passed over.
 */
export const redactSecrets = (text: string, secrets: Iterable<string> = []): string => {
  let safe = text;
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    for (const form of formsOf(secret)) if (safe.includes(form)) safe = safe.replaceAll(form, REDACTED);
  }
  for (const shape of KEY_SHAPES) safe = safe.replace(shape, REDACTED);
  return safe.replace(AUTHORIZATION, `$1 ${REDACTED}`).replace(URL_PASSWORD, `$1${REDACTED}$2`);
};

/** As it is, and as it stands in a URL. A broken character would make the encoding fail. */
const formsOf = (secret: string): readonly string[] => [secret, encodeURIComponent(wellFormed(secret))];
