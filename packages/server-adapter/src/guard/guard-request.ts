import { type Answer, jsonAnswer } from '../http/answer.js';
import { errorBody } from '../openai/error-body.js';

/** Whom to let through. */
export interface RequestGuardOptions {
  /** Origins of pages, such as `https://admin.example.com`, that may call besides the server's own. */
  readonly allowedOrigins: readonly string[];
  /** Believe `x-forwarded-proto` and `x-forwarded-host`, because a proxy of the host's sets them. */
  readonly trustProxy: boolean;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const refusal = (status: number, code: string, message: string): Answer =>
  jsonAnswer(status, errorBody('invalid_request_error', message, code), { 'cache-control': 'no-store' });

const firstOf = (value: string | null): string | undefined => value?.split(',')[0]?.trim().toLowerCase();

/** The origin that the client sees. */
const ownOrigin = (request: Request, trustProxy: boolean): URL => {
  const url = new URL(request.url);
  if (!trustProxy) return url;
  const protocol = firstOf(request.headers.get('x-forwarded-proto')) ?? url.protocol.slice(0, -1);
  const host = firstOf(request.headers.get('x-forwarded-host')) ?? url.host;
  return URL.parse(`${protocol}://${host}`) ?? url;
};

/**
 * Refuse a request that carries secrets in the clear, or that another site made a browser send. Checked before anything
 * of the body is read.
 */
export const refuseUnsafe = (
  request: Request,
  { allowedOrigins, trustProxy }: RequestGuardOptions,
): Answer | undefined => {
  const own = ownOrigin(request, trustProxy);
  if (own.protocol !== 'https:' && !LOOPBACK.test(own.hostname)) {
    return refusal(
      403,
      'https_required',
      'This is only done over HTTPS, or from this machine. Behind a proxy that ends TLS, set `trustProxy`.',
    );
  }
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  const known = origin !== null && (origin === own.origin || allowedOrigins.includes(origin));
  // A client that is no browser sends neither header.
  const foreign = origin !== null ? !known : site !== null && site !== 'same-origin' && site !== 'none';
  return foreign
    ? refusal(
        403,
        'cross_site_request',
        'Requests of other sites are refused. Add the origin to `allowedOrigins`.',
      )
    : undefined;
};
