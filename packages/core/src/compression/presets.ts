import { MillraceError } from '../model/errors/millrace-error.js';
import { code } from './code.js';
import type { CompressionStage, StageName } from './compression-stage.js';
import { deduplicate } from './deduplicate.js';
import { normalise } from './normalise.js';
import { symbols } from './symbols.js';
import { trim } from './trim.js';

/**
 * How much a prompt is compressed:
 *
 * - `off`: not at all.
 * - `lossless`: what is left out can be read elsewhere in the prompt: `normalise`, `deduplicate`, `symbols`.
 * - `standard`: also `code`, and conversations over 50,000 tokens are trimmed.
 * - `aggressive`: conversations over 4,000 tokens are trimmed, and old texts keep less.
 */
export type CompressionPreset = 'off' | 'lossless' | 'standard' | 'aggressive';

/** The stages of a preset, in the order in which they run: references point only to what is still there. */
export const presetStages = (preset: CompressionPreset): readonly CompressionStage[] => {
  switch (preset) {
    case 'off':
      return [];
    case 'lossless':
      return [normalise(), deduplicate(), symbols()];
    case 'standard':
      return [normalise(), trim(), code(), deduplicate(), symbols()];
    case 'aggressive': {
      const short = { overTokens: 4_000, stepTokens: 1_000, edgeLines: 2, landmarks: 5, wholeBelow: 300 };
      return [normalise(), trim(short), code(), deduplicate(), symbols()];
    }
    default:
      throw new MillraceError(
        'INVALID_CONFIG',
        'A compression preset must be off, lossless, standard or aggressive.',
      );
  }
};

/** A built-in stage with its defaults. */
export const stageByName = (name: StageName): CompressionStage => {
  switch (name) {
    case 'normalise':
      return normalise();
    case 'trim':
      return trim();
    case 'code':
      return code();
    case 'deduplicate':
      return deduplicate();
    case 'symbols':
      return symbols();
    default:
      throw new MillraceError(
        'INVALID_CONFIG',
        'A compression stage must be normalise, trim, code, deduplicate or symbols, or a stage of your own.',
      );
  }
};
