/** Text that comes in pieces, as fast as it is read. */
export interface TextSource {
  /** The next piece; `undefined` at the end. One call at a time. Never rejects. */
  read(): Promise<string | undefined>;
  /** Stop; a read that is under way ends with `undefined`. */
  cancel(): void;
}

/**
 * What we say to a client, before it becomes a `Response`. A mount writes it to the socket as it is: making a
 * `Response` and reading it again costs more than everything else that the adapter does.
 */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | TextSource;
  /** The path is not ours; a mount lets the host go on. */
  readonly unmatched?: true | undefined;
}

const answers = new WeakMap<Response, Answer>();

/** The answer behind a response of ours that nobody has replaced. */
export const answerOf = (response: Response): Answer | undefined => answers.get(response);

// Not `instanceof`: it may come from another realm, or from a server that replaced the global class.
/** Whether this is a response of the platform, and not an answer of ours. */
export const isResponse = (value: object): value is Response => 'arrayBuffer' in value;

/** Nothing is read ahead of the client, save what the source itself holds. */
const toStream = (source: TextSource): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const text = await source.read();
        if (text === undefined) controller.close();
        else controller.enqueue(encoder.encode(text));
      },
      cancel: () => source.cancel(),
    },
    { highWaterMark: 0 },
  );
};

/** The answer as the platform's `Response`. */
export const toResponse = (answer: Answer): Response => {
  const { status, headers, body } = answer;
  const response = new Response(typeof body === 'string' ? body : toStream(body), { status, headers });
  answers.set(response, answer);
  return response;
};

/** An answer in JSON. */
export const jsonAnswer = (
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
