import { estimateTextTokens } from '../tokens/estimate-tokens.js';

/**
 * An estimate by characters is that of recent tokenizers of OpenAI for prose. Those of other vendors take up to about
 * this factor more, most of all for code.
 */
const MARGIN = 1.8;

/** Letters and digits in one piece: hashes, keys, encoded bytes. Words of prose and of code hold no digit. */
const MIXED_RUN = /[A-Za-z0-9+/=_-]{16,}/g;
const PER_MIXED = 0.5;

/** What an estimate by characters leaves out for a character of a script of which tokenizers know few words. */
const perCharacter = (code: number): number => {
  // Greek and Cyrillic; Latin with several marks.
  if (code < 0x590 || (code >= 0x1e00 && code < 0x2000)) return 0.5;
  // Hebrew, Arabic, the scripts of India, Thai.
  if (code < 0xe80) return 1;
  // Lao, Tibetan, Burmese, Ethiopic, Khmer and others, without Korean; each half of one beyond the first plane.
  const isRare = (code < 0x1e00 && (code < 0x1100 || code >= 0x1200)) || (code >= 0xa000 && code < 0xa960);
  return isRare || (code >= 0xd800 && code < 0xe000) ? 3 : 0;
};

/** The most tokens that a text is expected to have with any vendor. Only odd texts have more. */
export const textBound = (text: string): number => {
  let tokens = estimateTextTokens(text) * MARGIN;
  for (const [run] of text.matchAll(MIXED_RUN)) if (/\d/.test(run)) tokens += run.length * PER_MIXED;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x250) tokens += perCharacter(code);
  }
  return Math.ceil(tokens);
};
