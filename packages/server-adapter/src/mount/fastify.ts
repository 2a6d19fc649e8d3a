import type { FastifyPluginCallback, FastifyReply } from 'fastify';
import type { Handler } from '../create-handler.js';
import { type ForwardOptions, forward } from './forward.js';

/** Options of the {@link millraceFastify | plugin}. */
export interface MillraceFastifyOptions {
  readonly handler: Handler;
}

/** What hooks of the host have set so far would be lost with `hijack`. */
const keepHeaders = (reply: FastifyReply): void => {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
};

/**
 * Serve a handler from a Fastify app: `app.register(millraceFastify, { handler, prefix: '/api' })`. Bodies reach the
 * handler unread; parsers of the host stay as they are elsewhere. Routes of the host go first.
 */
export const millraceFastify: FastifyPluginCallback<MillraceFastifyOptions> = (app, { handler }, done) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  app.route({
    // OPTIONS is left to the host's own CORS plugin.
    method: app.supportedMethods.filter((method) => method !== 'OPTIONS' && method !== 'HEAD'),
    url: '/*',
    handler(request, reply) {
      const path = request.url.slice(app.prefix.length).split('?', 1)[0];
      const claim: ForwardOptions['claim'] = (answer) => {
        if ('unmatched' in answer) {
          reply.callNotFound();
          return false;
        }
        reply.hijack();
        keepHeaders(reply);
        return true;
      };
      forward(handler, request.raw, reply.raw, { hint: { path }, claim }).catch((error) => reply.send(error));
    },
  });
  done();
};
