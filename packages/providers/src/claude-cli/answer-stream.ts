import { flattenBatches, type JsonObject, type ModelEvent } from '@millrace/core/model';
import type { Provider } from '@millrace/core/provider';
import { readJsonLines, transportFailure } from '../transport/index.js';
import { type CliReader, createCliReader } from './answer-reader.js';
import { type CliFailureContext, exitFailure } from './failures.js';
import { type CliSettings, runCli, secretsOf } from './run-cli.js';
import type { Child } from './start-child.js';
import { type WrittenRequest, writeRequest } from './write-request.js';

/** How long the program may go on without a word once it has given its result. */
const AFTER_RESULT_MS = 10_000;

/** Ask the program. One run answers one request. */
export const createAnswerStream =
  (settings: CliSettings, tools: readonly string[]): Provider['stream'] =>
  (request, { credential, signal }) => {
    const { provider, command, workingDirectory } = settings;
    const { model } = request;
    const apiKey = credential?.apiKey;
    const secrets = secretsOf(settings, apiKey);
    const failure: CliFailureContext = { provider, model, command, workingDirectory, secrets };
    async function* answer(): AsyncGenerator<readonly ModelEvent[], void, undefined> {
      let reader: CliReader | undefined;
      try {
        const written = writeRequest(request, { provider, tools });
        const { flags, system, environment } = written;
        reader = createCliReader({
          failure,
          warnings: written.warnings,
          historyResults: written.steps.length - 1,
          isJson: written.isJson,
        });
        const run = await runCli(settings, { flags, system, environment, apiKey, signal });
        try {
          yield* converse(run.child, written, reader, signal);
          const exit = await run.child.ended();
          signal.throwIfAborted();
          if (!reader.hasResult()) throw exitFailure(exit, run.child.stderr(), failure, reader.hasBegun());
        } finally {
          await run.close();
        }
        reader.end();
        yield reader.take();
      } catch (error) {
        const rest = reader?.take() ?? [];
        if (rest.length > 0) yield rest;
        throw transportFailure(error, { provider, model, signal }, reader?.hasBegun() === true);
      }
    }
    return flattenBatches(answer());
  };

/** Hand over the turns one after the other, and read until the program has said all. */
async function* converse(
  child: Child,
  { steps }: WrittenRequest,
  reader: CliReader,
  signal: AbortSignal,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  let sent = 0;
  const sendNext = (): void => {
    const lines: readonly JsonObject[] = steps[sent] ?? [];
    child.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    sent += 1;
    if (sent === steps.length) child.endInput();
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    sendNext();
    for await (const lines of readJsonLines({ body: child.stdout })) {
      if (signal.aborted) return;
      reader.add(lines);
      // Sent together they would be taken in another order.
      if (sent < steps.length && reader.historyTaken() === sent) sendNext();
      // Sub-agents may still be at work, which brings another result.
      if (reader.hasResult() && timer === undefined) {
        timer = setTimeout(() => void child.stop(), AFTER_RESULT_MS);
        child.endInput();
      }
      timer?.refresh();
      yield reader.take();
    }
  } catch (error) {
    // Output that is cut off is explained by how the program ends, and does not matter once the result is here.
    const isCut = (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!isCut && !reader.hasResult()) throw error;
  } finally {
    clearTimeout(timer);
  }
}
