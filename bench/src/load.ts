// The load on a server, in a process of its own: so many requests at once, each answer read whole and checked.
import { Agent, request } from 'undici';
import { CHUNKS } from './expected.ts';

/** What to send, where and how much of it. */
export interface LoadTask {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly model: string;
  readonly stream: boolean;
  readonly requests: number;
  readonly concurrency: number;
}

/** What came of it. */
export interface LoadResult {
  readonly seconds: number;
  /** The first thing that was wrong with an answer. */
  readonly problem: string | undefined;
}

const problemOf = (status: number, text: string, stream: boolean): string | undefined => {
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  if (!stream) return text.includes('The answer is 4.') ? undefined : `a wrong answer: ${text.slice(0, 200)}`;
  if (!text.includes('"word0 ') || !text.includes(`"word${CHUNKS - 1} `))
    return `an incomplete stream: ${text.slice(0, 200)}`;
  return text.includes('[DONE]') ? undefined : 'a stream without its end';
};

const run = async (task: LoadTask): Promise<LoadResult> => {
  const messages = [{ role: 'user', content: 'What is 2+2? '.repeat(8) }];
  const body = JSON.stringify({ model: task.model, messages, ...(task.stream && { stream: true }) });
  const headers = { 'content-type': 'application/json', ...task.headers };
  let left = task.requests;
  let problem: string | undefined;
  // Of its own: a server may close connections that it has not heard of for a while, just when they are used again.
  const agent = new Agent({ connections: 256, keepAliveTimeout: 60_000 });
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await request(task.url, { method: 'POST', headers, body, dispatcher: agent });
      problem ??= problemOf(answer.statusCode, await answer.body.text(), task.stream);
    }
  };
  await Promise.all(Array.from({ length: task.concurrency }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  await agent.close();
  return { seconds, problem };
};

process.on('message', (task: LoadTask) => {
  run(task).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ seconds: 0, problem: String(error) }),
  );
});
process.send?.({ port: 0 });
