import { requestHint } from './request-hint.js';

/** The path of a request below the place where its handler is mounted, still encoded. */
export const pathOfRequest = (request: Request): string => requestHint(request)?.path ?? pathOf(request.url);

/** The path of an absolute URL, still encoded. */
const pathOf = (url: string): string => {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start === -1) return '/';
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
};
