import { MillraceError } from '@millrace/core';
import OpenAI from 'openai';
import type { RunningServer } from './start-server.ts';

/** Send one request through the server with the official OpenAI client, and say what came of it. */
export const sampleRequest = async ({ url, gateway }: RunningServer): Promise<string> => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'not-needed', maxRetries: 0, timeout: 60_000 });
  const prompt = 'What is 2+2? Answer in one short sentence.';
  try {
    const { data, response } = await client.chat.completions
      .create({ model: 'auto', messages: [{ role: 'user', content: prompt }] })
      .withResponse();
    const record = await gateway.ledger.get(response.headers.get('x-task-id') ?? '');
    const usage =
      record &&
      `${record.tokensIn} tokens in, ${record.tokensOut} out${record.estimated ? ' (estimated)' : ''}`;
    return [
      `  question  ${prompt}`,
      `  answer    ${data.choices[0]?.message.content}`,
      `  model     ${record?.provider}:${data.model}`,
      `  cost      ${describeCost(record?.costUsd)} for ${usage}`,
      `  route     ${record?.routeReason}`,
    ].join('\n');
  } catch (error) {
    const why =
      error instanceof OpenAI.APIError || MillraceError.isInstance(error) ? error.message : String(error);
    return `  The sample request failed: ${why}\n  The server runs on; mend the cause and call it as below.`;
  }
};

const describeCost = (costUsd: number | null | undefined): string => {
  if (costUsd === null || costUsd === undefined) return 'not known (the model has no listed price)';
  return costUsd === 0 ? '$0' : `$${costUsd.toPrecision(3)}`;
};
