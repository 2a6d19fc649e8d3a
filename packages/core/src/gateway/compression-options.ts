import type { CompressionPreset } from '../compression/presets.js';
import type { ErrorCode } from '../model/errors/error-code.js';
import { MillraceError } from '../model/errors/millrace-error.js';

/** How prompts are made shorter. */
export interface CompressionOptions {
  /** `off`, `lossless`, `standard` or `aggressive`. Default: `lossless`. */
  readonly preset?: CompressionPreset | undefined;
  /** Tags whose content stays as it is. Default: `context` and `file`. */
  readonly keep?: readonly string[] | undefined;
  /** Shorter prompts are left alone, in characters. Default: 4,000, some thousand tokens. */
  readonly minCharacters?: number | undefined;
}

const PRESETS: readonly unknown[] = [undefined, 'off', 'lossless', 'standard', 'aggressive'];

/** @throws MillraceError of the given code */
export const checkCompressionPreset = (preset: unknown, code: ErrorCode): void => {
  if (!PRESETS.includes(preset))
    throw new MillraceError(code, '`compression` must be off, lossless, standard or aggressive.');
};

/** @throws MillraceError `INVALID_CONFIG` */
export const checkCompressionOptions = ({ preset, keep, minCharacters }: CompressionOptions): void => {
  checkCompressionPreset(preset, 'INVALID_CONFIG');
  if (
    keep !== undefined &&
    !(Array.isArray(keep) && keep.every((tag) => /^[A-Za-z][\w-]*$/.test(String(tag))))
  )
    throw new MillraceError('INVALID_CONFIG', '`compression.keep` must be a list of names of tags.');
  if (minCharacters !== undefined && !(typeof minCharacters === 'number' && minCharacters >= 0))
    throw new MillraceError('INVALID_CONFIG', '`compression.minCharacters` must be a number of at least 0.');
};
