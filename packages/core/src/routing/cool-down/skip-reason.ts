import type { CoolDownEntry } from './cool-down-standing.js';

const span = (milliseconds: number): string => {
  const seconds = Math.ceil(milliseconds / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
};

/** "openai: skipped for another 25 s after failing (AUTHENTICATION)". */
export const skipReason = (
  { provider, model, code }: CoolDownEntry,
  waitMs: number,
  callable: boolean,
): string => {
  const name = model === undefined ? provider : `${provider}:${model}`;
  if (waitMs > 0) return `${name}: skipped for another ${span(waitMs)} after failing (${code})`;
  return callable
    ? `${name}: tried again after failing (${code})`
    : `${name}: skipped while another call tries it again after failing (${code})`;
};
