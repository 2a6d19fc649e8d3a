import { MillraceError } from '../../model/errors/millrace-error.js';

/** @throws MillraceError `INVALID_CONFIG` unless it is a finite number within the bounds. */
export const checkOption = (
  name: string,
  value: number,
  { above, least, most }: { readonly above?: number; readonly least?: number; readonly most?: number },
): number => {
  const fits =
    Number.isFinite(value) &&
    (above === undefined || value > above) &&
    (least === undefined || value >= least) &&
    (most === undefined || value <= most);
  if (fits) return value;
  const bounds = [
    above === undefined ? undefined : `above ${above}`,
    least === undefined ? undefined : `of at least ${least}`,
    most === undefined ? undefined : `of at most ${most}`,
  ].filter((bound) => bound !== undefined);
  throw new MillraceError(
    'INVALID_CONFIG',
    `"${name}" must be a number ${bounds.join(' and ')}; it is ${value}.`,
  );
};
