import { flattenBatches, type ModelEvent, type ModelRequest, ProviderError } from '@millrace/core/model';
import type { CallContext, Provider } from '@millrace/core/provider';
import type { Answer, Outgoing, Send } from './exchange.js';
import { lowerCaseNames } from './send.js';
import { type FailureContext, refusedAnswer, transportFailure } from './vendor-failure.js';

/** Turns the payloads of one answer into events. */
export interface AnswerReader {
  /**
   * Take payloads, each one JSON text. Yields `stream-start` with the first that is understood.
   *
   * @throws ProviderError for an error among them, or `INVALID_RESPONSE`; the events before it are kept.
   */
  add(payloads: readonly string[]): void;
  /**
   * No more payloads: close what is open and finish.
   *
   * @param whole - The answer came as one body.
   * @throws ProviderError `INTERRUPTED` when the stream ended before the vendor said that it is complete.
   */
  end(whole: boolean): void;
  /** The events since the last time. */
  take(): readonly ModelEvent[];
  /** Whether anything was understood. */
  hasBegun(): boolean;
}

/** A call that is ready to be sent. */
interface PreparedCall {
  readonly outgoing: Omit<Outgoing, 'signal'>;
  /** Called once the vendor has accepted the request. */
  read(header: Answer['header'], failure: FailureContext & { readonly model: string }): AnswerReader;
}

/** How one vendor is called. */
export interface VendorStreamOptions {
  /** The provider's id. */
  readonly provider: string;
  readonly send: Send;
  /** Write the request. With a delivery of `whole` the answer comes as one JSON body. */
  prepare(request: ModelRequest, context: CallContext): Promise<PreparedCall>;
  /** Split a stream into its JSON texts, all those of one network read at a time. */
  payloads(answer: Answer): AsyncIterable<readonly string[]>;
  /** Media types of answers that come as one body though pieces were asked for. Default: `application/json`. */
  readonly wholeTypes?: readonly string[] | undefined;
  /** Say what a refusal means. Default: `refusedAnswer`. */
  refused?(answer: Answer, failure: FailureContext): Promise<ProviderError>;
}

/** Calls a vendor. An SDK's own iterator would cost many times what reading the events costs here. */
export const createVendorStream =
  (options: VendorStreamOptions): Provider['stream'] =>
  (request, context) =>
    flattenBatches(
      context.delivery === 'whole'
        ? wholeAnswer(options, request, context)
        : growingAnswer(options, request, context),
    );

const JSON_BODY: readonly string[] = ['application/json'];

type Failure = FailureContext & { readonly model: string };

/** Send a request; the answer is one that the vendor has accepted. */
const ask = async (
  options: VendorStreamOptions,
  request: ModelRequest,
  context: CallContext,
  failure: Failure,
): Promise<{ answer: Answer; reader: AnswerReader; type: string }> => {
  const { outgoing, read } = await options.prepare(request, context);
  const { url, method, body } = outgoing;
  const headers =
    request.headers === undefined
      ? outgoing.headers
      : { ...outgoing.headers, ...lowerCaseNames(request.headers) };
  const answer = await options.send({ url, method, headers, body, signal: context.signal });
  if (answer.status < 200 || answer.status >= 300)
    throw await (options.refused ?? refusedAnswer)(answer, failure);
  const type = answer.header('content-type')?.toLowerCase() ?? '';
  if (type.startsWith('text/html')) throw pageOfHtml(failure);
  return { answer, type, reader: read(answer.header, failure) };
};

/** The events of an answer that comes as one body: all in one batch. */
const wholeAnswer = (
  options: VendorStreamOptions,
  request: ModelRequest,
  context: CallContext,
): AsyncIterator<readonly ModelEvent[], void, undefined> => {
  const failure = failureOf(options, request, context);
  let error: unknown;
  let asked = false;
  const readAll = async (): Promise<IteratorResult<readonly ModelEvent[], void>> => {
    let reader: AnswerReader | undefined;
    try {
      const asking = await ask(options, request, context, failure);
      reader = asking.reader;
      reader.add([await asking.answer.text()]);
      reader.end(true);
      return { done: false, value: reader.take() };
    } catch (cause) {
      // What came before the failure is not lost.
      const rest = reader?.take() ?? [];
      error = transportFailure(cause, failure, reader?.hasBegun() === true);
      if (rest.length === 0) throw error;
      return { done: false, value: rest };
    }
  };
  return {
    async next() {
      if (error !== undefined) throw error;
      if (asked) return { done: true, value: undefined };
      asked = true;
      return readAll();
    },
  };
};

/** The events of an answer, those of one network read at a time. */
async function* growingAnswer(
  options: VendorStreamOptions,
  request: ModelRequest,
  context: CallContext,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  const failure = failureOf(options, request, context);
  let reader: AnswerReader | undefined;
  try {
    const asking = await ask(options, request, context, failure);
    reader = asking.reader;
    // A server that cannot stream answers with one body all the same.
    const whole = (options.wholeTypes ?? JSON_BODY).some((type) => asking.type.startsWith(type));
    if (whole) reader.add([await asking.answer.text()]);
    else {
      for await (const texts of options.payloads(asking.answer)) {
        reader.add(texts);
        yield reader.take();
      }
      if (!reader.hasBegun()) throw noAnswer(failure);
    }
    reader.end(whole);
    yield reader.take();
  } catch (error) {
    const rest = reader?.take() ?? [];
    if (rest.length > 0) yield rest;
    throw transportFailure(error, failure, reader?.hasBegun() === true);
  }
}

const failureOf = (
  { provider }: VendorStreamOptions,
  { model }: ModelRequest,
  { signal, credential }: CallContext,
): Failure => ({ provider, model, signal, secret: credential?.apiKey });

const noAnswer = ({ provider, model }: FailureContext): ProviderError =>
  new ProviderError('NETWORK', `${provider}:${model} closed the connection without an answer.`, {
    provider,
    model,
  });

const pageOfHtml = ({ provider, model }: FailureContext): ProviderError => {
  const message = `${provider} sent a page of HTML in place of an answer; check the base URL.`;
  return new ProviderError('INVALID_RESPONSE', message, { provider, model });
};
