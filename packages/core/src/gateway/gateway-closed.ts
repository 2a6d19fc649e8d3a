import { MillraceError } from '../model/errors/millrace-error.js';

/** Nothing can be asked of a gateway any more. */
export const gatewayClosed = (): MillraceError => new MillraceError('CLOSED', 'The gateway is closed.');
