import type { Provider } from '@millrace/core/provider';
import { type ChatDialect, writeRequest } from '../openai-chat/index.js';
import { createVendorStream, readServerSentEvents, type Send } from '../transport/index.js';
import { createChunkReader } from './chunk-reader.js';
import type { SdkRequests } from './sdk-client.js';

/** Calls chat completions. */
export const createChatTransport = (
  requests: SdkRequests,
  send: Send,
  dialect: ChatDialect,
): Provider['stream'] => {
  const { provider, quirks } = dialect;
  const tag = quirks.reasoningTag ?? 'think';
  const reasoningTag = tag === false ? undefined : tag;
  return createVendorStream({
    provider,
    send,
    payloads: readServerSentEvents,
    async prepare(request, { credential, delivery }) {
      const { body, warnings } = writeRequest(request, dialect, delivery === 'incremental');
      const { chat } = await requests(credential?.apiKey);
      return {
        outgoing: { ...chat, body: JSON.stringify(body) },
        read: (header, failure) => createChunkReader({ failure, header, warnings, reasoningTag }),
      };
    },
  });
};
