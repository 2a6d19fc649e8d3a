import { MillraceError } from '@millrace/core/model';

/** A `BAD_REQUEST` that names the field, so that the client is told `param`. */
export const badRequest = (param: string | null, message: string): MillraceError =>
  new MillraceError('BAD_REQUEST', message, { details: { param } });
