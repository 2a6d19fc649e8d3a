import type { Provider } from '@millrace/core/provider';
import { createAnswerReader, type ResponsesDialect, writeRequest } from '../openai-responses/index.js';
import { createVendorStream, readServerSentEvents, type Send } from '../transport/index.js';
import type { SdkRequests } from './sdk-client.js';

/** Calls the responses endpoint. */
export const createResponsesTransport = (
  requests: SdkRequests,
  send: Send,
  dialect: ResponsesDialect,
): Provider['stream'] =>
  createVendorStream({
    provider: dialect.provider,
    send,
    payloads: readServerSentEvents,
    async prepare(request, { credential, delivery }) {
      const { body, warnings } = writeRequest(request, dialect, delivery === 'incremental');
      const { responses } = await requests(credential?.apiKey);
      const toolNames = new Set((request.tools ?? []).map(({ name }) => name));
      const json = request.responseFormat?.type === 'json';
      return {
        outgoing: { ...responses, body: JSON.stringify(body) },
        read: (header, failure) => createAnswerReader({ failure, header, warnings, toolNames, json }),
      };
    },
  });
