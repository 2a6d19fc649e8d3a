import { z } from 'zod';
import type { JsonObject } from '../../model/json.js';
import { isTimeZone } from '../../time/time-zone.js';
import type { LongContextPrice } from '../price.js';
import type { MillraceConfig } from './millrace-config.js';

// Messages are the middle of a sentence that begins with the key: "providers[0].id must be …".

const text = (description: string) =>
  z.string().trim().min(1, { error: 'must not be empty' }).describe(description);
const amount = (description: string) =>
  z.number().nonnegative({ error: 'must be a number of at least 0' }).describe(description);
const count = (description: string) =>
  z.int({ error: 'must be a whole number' }).positive({ error: 'must be at least 1' }).describe(description);
const milliseconds = (description: string) =>
  z
    .int({ error: 'must be a whole number of milliseconds' })
    .nonnegative({ error: 'must be at least 0; 0 switches the limit off' })
    .describe(description);

const delay = (description: string) =>
  z
    .int({ error: 'must be a whole number of milliseconds' })
    .min(0, { error: 'must be at least 0' })
    .max(0x7fff_ffff, { error: 'must be at most 2147483647' })
    .describe(description);

const rates = {
  input: amount('US dollars per million input tokens.'),
  output: amount('US dollars per million output tokens.'),
  cacheRead: amount('US dollars per million tokens read from the prompt cache. Default: input.').optional(),
  cacheWrite: amount('US dollars per million tokens written to the prompt cache. Default: input.').optional(),
  cacheWriteLong: amount(
    "US dollars per million tokens written to it for the vendor's longer time. Default: cacheWrite.",
  ).optional(),
  inputAudio: amount('US dollars per million tokens of spoken input. Default: input.').optional(),
  cacheReadAudio: amount(
    'US dollars per million tokens of spoken input read from the prompt cache. Default: cacheRead.',
  ).optional(),
};

// Named, because a type that holds itself cannot be inferred.
const longContext: z.ZodType<LongContextPrice> = z
  .strictObject({
    ...rates,
    aboveInputTokens: count('Input tokens above which these prices hold.'),
    get longContext(): z.ZodOptional<z.ZodType<LongContextPrice>> {
      return longContext.optional();
    },
  })
  .refine(
    ({ aboveInputTokens, longContext: next }) =>
      next === undefined || next.aboveInputTokens > aboveInputTokens,
    {
      path: ['longContext', 'aboveInputTokens'],
      error: 'must be higher than that of the step before it',
    },
  );

const price = z
  .strictObject({
    ...rates,
    longContext: longContext.optional().describe('Other prices for the whole call once its input is longer.'),
    batch: z
      .strictObject({ ...rates, longContext: longContext.optional() })
      .optional()
      .describe("Other prices for a call in a batch. Default: these ones, times the provider's factor."),
    webSearch: amount('US dollars per 1000 searches of the web by the vendor.').optional(),
  })
  .describe('US dollars per one million tokens.');

const capabilities = z
  .strictObject({
    tools: z.boolean().optional(),
    vision: z.boolean().optional().describe('Images as input.'),
    json: z
      .union([z.literal(false), z.literal('object'), z.literal('schema')], {
        error: 'must be false, "object" or "schema"',
      })
      .optional()
      .describe('"object": any valid JSON; "schema": JSON held to a schema.'),
    reasoning: z.boolean().optional().describe('Thinks before it answers.'),
  })
  .describe('What the model can do. What is left out is not known.');

const modelFacts = {
  aliases: z.array(text('Another id of the same model.')).optional(),
  tier: z.enum(['economy', 'standard', 'premium']).optional(),
  price: price.optional(),
  nextPrice: z
    .strictObject({
      from: z.iso
        .date({ error: 'must be a day such as "2025-06-30"' })
        .describe('The first day on which it holds, in UTC.'),
      price,
    })
    .optional()
    .describe('A price that takes the place of the other when its day begins.'),
  contextWindow: count('Longest input plus output, in tokens.').optional(),
  maxOutputTokens: count('Longest output, in tokens.').optional(),
  capabilities: capabilities.optional(),
  asOf: z.iso
    .date({ error: 'must be a day such as "2025-06-30"' })
    .optional()
    .describe('The day on which these facts were read.'),
};

// The same values; the name of the type is ours.
const jsonObject = z.record(z.string(), z.json()) as z.ZodType<JsonObject>;

const provider = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: 'must be at most 64 lower-case letters, digits and "-"' })
    .describe('Unique in the file; the part before ":" in "openai:gpt-4o".'),
  type: text(
    'What kind of provider: anthropic, claude-cli, google, ollama, openai, openai-compatible, simulated, or one that the host knows.',
  ),
  label: text('The name for people.').optional(),
  enabled: z.boolean().optional().describe('Default: true.'),
  priority: z.number().optional().describe('The highest goes first. Default: 0.'),
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' })
    .optional()
    .describe('Where its API is. Required by openai-compatible.'),
  apiKeyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
      error: 'must be the name of an environment variable, such as OPENAI_API_KEY, and never the key itself',
    })
    .optional()
    .describe('The environment variable that holds the key.'),
  headers: z.record(z.string(), z.string()).optional().describe('Extra HTTP headers. Nothing secret.'),
  limits: z
    .strictObject({
      concurrency: count('Calls that run at the same time.').optional(),
      requestsPerMinute: count('Calls that begin within any 60 seconds.').optional(),
      maxWaiting: z
        .int({ error: 'must be a whole number' })
        .nonnegative({ error: 'must be at least 0' })
        .optional()
        .describe('Calls that may wait. Default: 1000.'),
      maxWaitMs: delay('How long a call may wait. Default: 60000.').optional(),
    })
    .optional()
    .describe('How much of it this process uses at once. Default: no limits.'),
  api: z
    .enum(['auto', 'chat', 'responses'], { error: 'must be auto, chat or responses' })
    .optional()
    .describe(
      'Which endpoint answers. Only openai, and openai-compatible without auto. Default: auto, or chat.',
    ),
  organization: text("OpenAI's organization id.").optional(),
  project: text("OpenAI's project id.").optional(),
  models: z
    .array(z.strictObject({ id: text('The id that the provider takes.'), ...modelFacts }))

    .optional()
    .describe('Models that it has besides those that are known of it.'),
  options: jsonObject
    .optional()
    .describe(
      'Settings of claude-cli (command, workingDirectory, tools), or of a type that Millrace does not know.',
    ),
});

const DIMENSIONS = ['project', 'user', 'apiKeyId', 'tag'] as const;
const dimension = z.enum(DIMENSIONS, { error: `must be ${DIMENSIONS.join(', ')}` });
const timeZone = z
  .string()
  .refine(isTimeZone, { error: 'must be an IANA name such as "Europe/Zurich"' })
  .describe('An IANA time zone. Default: UTC.');

const budgetLimit = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'must be 1 to 64 letters, digits, ".", "_" and "-"' })
    .describe('Its name.'),
  limitUsd: amount('US dollars; 0 lets nothing through that costs something.').max(9_000_000, {
    error: 'must be at most 9000000',
  }),
  period: z
    .union(
      [
        z.enum(['hour', 'day', 'week', 'month', 'total', 'run']),
        z.strictObject({ rollingMs: z.int().min(1_000).max(31_622_400_000) }),
      ],
      { error: 'must be hour, day, week, month, total, run, or { rollingMs: milliseconds }' },
    )
    .describe('By the calendar, for ever, for each run, or the last so many milliseconds.'),
  timeZone: timeZone.optional(),
  only: z
    .strictObject({
      project: text('A project.').optional(),
      user: text('A user.').optional(),
      apiKeyId: text('The name of an API key.').optional(),
      tag: text('A tag.').optional(),
    })
    .optional()
    .describe('Only calls with all these labels. Default: every call.'),
  per: z.array(dimension).optional().describe('Each value of these has the limit for itself.'),
  warnAt: z
    .number()
    .min(0, { error: 'must be from 0 to 1' })
    .max(1, { error: 'must be from 0 to 1' })
    .optional()
    .describe('The part of the limit from which on it warns. Default: 0.8.'),
  hard: z.boolean().optional().describe('false: it warns, and lets calls through. Default: true.'),
});

const commonRouting = {
  threshold: z
    .number()
    .min(0, { error: 'must be from 0 to 1' })
    .max(1, { error: 'must be from 0 to 1' })
    .optional()
    .describe('The success rate that is good enough for cost-aware. Default: 0.8.'),
  fallbacks: z
    .record(z.string(), z.array(text('A model, a tier or an alias.')))
    .optional()
    .describe('What to call when a named model fails; "*" for all that have no entry.'),
  maxAttempts: z
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be from 1 to 20' })
    .max(20, { error: 'must be from 1 to 20' })
    .optional()
    .describe('Candidates that a call may try in all. Default: 5.'),
  downgrade: z
    .boolean()
    .optional()
    .describe('Prefer cheaper models when a budget is nearly used. Default: true.'),
};
const model = text('A model, a tier or an alias.').optional();

const routing = z.discriminatedUnion(
  'mode',
  [
    z.strictObject({
      ...commonRouting,
      mode: z.enum(['manual', 'heuristic', 'cost-aware']).optional().describe('Default: heuristic.'),
    }),
    z.strictObject({
      ...commonRouting,
      mode: z.literal('orchestrated'),
      roles: z.record(z.string(), text('A model, a tier or an alias.')).optional(),
      categories: z
        .strictObject({
          simple_qa: model,
          code_gen: model,
          code_review: model,
          debug: model,
          refactor: model,
          explain: model,
          other: model,
        })
        .optional(),
      otherwise: z.enum(['heuristic', 'cost-aware']).optional().describe('Default: heuristic.'),
    }),
    z.strictObject({
      ...commonRouting,
      mode: z.literal('single-model'),
      activeProvider: text('The id of the one provider that is called.'),
      activeModel: text('Its model for auto.').optional(),
      allowFailover: z.boolean().optional().describe('Default: false.'),
    }),
  ],
  { error: 'must be manual, heuristic, cost-aware, orchestrated or single-model' },
);

const schema = z.strictObject({
  $schema: z.string().optional().describe('The JSON Schema, for editors.'),
  version: z.literal(1, { error: 'must be 1, the version of this format' }),
  defaultModel: text('The model of requests that name none.').optional(),
  providers: z.array(provider).default([]),
  aliases: z
    .record(z.string(), text('What the name stands for, such as "openai:gpt-4o".'))

    .optional()
    .describe('Other names for models.'),
  models: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9-]*:.+$/, { error: 'must be named as "provider:model"' }),
      z.strictObject(modelFacts),
    )

    .optional()
    .describe('Corrections of what is known of a model, by "provider:model".'),
  ledger: z.strictObject({ path: text('The SQLite file; relative to this file.') }).optional(),
  server: z
    .strictObject({
      host: text('The address to listen on.').optional(),
      port: z
        .int({ error: 'must be a whole number from 0 to 65535' })
        .min(0, { error: 'must be from 0 to 65535' })
        .max(65_535, { error: 'must be from 0 to 65535' })
        .optional()
        .describe('0 takes any free port.'),
      bodyLimitBytes: count('The largest request body, in bytes.').optional(),
    })
    .optional(),
  timeLimits: z
    .strictObject({
      firstEventMs: milliseconds("Until the vendor's first event.").optional(),
      idleMs: milliseconds('Between two events after that.').optional(),
      totalMs: milliseconds('For the whole call.').optional(),
    })
    .optional()
    .describe('Time limits of every call, in milliseconds. 0 switches one off.'),
  cache: z
    .strictObject({
      ttlMs: z
        .int({ error: 'must be a whole number of milliseconds' })
        .min(1, { error: 'must be at least 1' })
        .max(0x7fff_ffff, { error: 'must be at most 2147483647' })
        .optional()
        .describe('How long an answer may be given again. Default: 60000.'),
      scope: z
        .enum(['user', 'project', 'shared'], { error: 'must be user, project or shared' })
        .optional()
        .describe('Who shares answers. Default: user.'),
      duplicateWindowMs: delay(
        'How long after the first a duplicate shares its answer. Default: 5000.',
      ).optional(),
    })
    .optional()
    .describe('Give answers again. Default: every call asks the vendor.'),
  compression: z
    .strictObject({
      preset: z
        .enum(['off', 'lossless', 'standard', 'aggressive'], {
          error: 'must be off, lossless, standard or aggressive',
        })
        .optional()
        .describe('Default: lossless.'),
      keep: z
        .array(z.string().regex(/^[A-Za-z][\w-]*$/, { error: 'must be the name of a tag' }))
        .optional()
        .describe('Tags whose content stays as it is. Default: context and file.'),
      minCharacters: z
        .number()
        .min(0, { error: 'must be at least 0' })
        .optional()
        .describe('Shorter prompts are left alone. Default: 4000.'),
    })
    .optional()
    .describe('Make long prompts shorter. Default: they go as they are.'),
  routing: routing.optional().describe('How models are chosen. Default: heuristic.'),
  budget: z
    .strictObject({
      limits: z.array(budgetLimit),
      path: text('The SQLite file in which it is counted; relative to this file.').optional(),
      timeZone: timeZone.optional(),
      onUnknownPrice: z
        .union([z.literal('block'), z.strictObject({ reserveUsd: amount('US dollars.') })], {
          error: 'must be block, or { reserveUsd: dollars }',
        })
        .optional()
        .describe('What to do with calls whose price is not known. Default: block.'),
      onStoreError: z
        .enum(['closed', 'open'], { error: 'must be closed or open' })
        .optional()
        .describe('What to do when what is left cannot be found out. Default: closed.'),
    })
    .optional()
    .describe('Limits of what may be spent. Default: none.'),
  retry: z
    .strictObject({
      retries: z
        .int({ error: 'must be a whole number' })
        .min(0, { error: 'must be from 0 to 100' })
        .max(100, { error: 'must be from 0 to 100' })
        .optional()
        .describe('Further attempts after the first one. Default: 2.'),
      minDelayMs: delay('Before the first of them; doubled for each one after. Default: 500.').optional(),
      maxDelayMs: delay("The longest pause that is not the vendor's own wish. Default: 30000.").optional(),
      maxRetryAfterMs: delay(
        'When the vendor asks to wait longer, the call fails at once. Default: 60000.',
      ).optional(),
    })
    .optional()
    .describe('How often a failed request is sent again.'),
});

type Frozen<Value> = Value extends object ? { readonly [Key in keyof Value]: Frozen<Value[Key]> } : Value;
type Same<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;

/** Does not compile when the schema and the interface say different things. */
const sameAsInterface: Same<Frozen<z.output<typeof schema>>, Frozen<MillraceConfig>> = true;

/** What a configuration file may hold. */
export const configSchema: z.ZodType<MillraceConfig> = sameAsInterface && schema;
