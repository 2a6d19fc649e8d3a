import { Hono } from 'hono';
import { basePath } from 'hono/route';
import type { Handler } from '../create-handler.js';
import { answerOf } from '../http/answer.js';
import { setRequestHint } from '../http/request-hint.js';

/**
 * A handler as part of a Hono app: `app.route('/api', toHono(handler))`. Paths that are not the handler's go on to
 * the next one.
 */
export const toHono = (handler: Handler): Hono => {
  const app = new Hono();
  app.all('*', async (context, next) => {
    const base = basePath(context);
    setRequestHint(context.req.raw, { path: context.req.path.slice(base === '/' ? 0 : base.length) });
    const response = await handler(context.req.raw);
    if (answerOf(response)?.unmatched) return next();
    return response;
  });
  return app;
};
