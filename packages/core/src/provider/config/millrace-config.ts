import type { JsonObject } from '../../model/json.js';
import type { ModelInfo } from '../model-info.js';
import type { ProviderLimits } from '../provider-limits.js';

/** One provider, as a configuration file describes it. It holds no key, only the name of the variable that does. */
export interface ProviderConfig {
  /** Unique in the file; lower-case letters, digits and `-`. The part before `:` in `openai:gpt-4o`. */
  readonly id: string;
  /** What kind of provider: `anthropic`, `claude-cli`, `google`, `ollama`, `openai`, `openai-compatible`, `simulated`, or one that the host knows. */
  readonly type: string;
  /** The name for people. Default: that of the type. */
  readonly label?: string | undefined;
  /** Default: true. */
  readonly enabled?: boolean | undefined;
  /** The highest goes first among models that fit equally. Default: 0. */
  readonly priority?: number | undefined;
  /** How much of it this process uses at once. Default: no limits. */
  readonly limits?: ProviderLimits | undefined;
  /** Where its API is; `http:` or `https:`. Required by `openai-compatible`. */
  readonly baseUrl?: string | undefined;
  /** The environment variable that holds the key. Default: that of the type. */
  readonly apiKeyEnv?: string | undefined;
  /** Extra HTTP headers. Nothing secret. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Which endpoint answers. Only `openai`, and `openai-compatible` without `auto`. Default: `auto`, or `chat`. */
  readonly api?: 'auto' | 'chat' | 'responses' | undefined;
  /** OpenAI's organization id. Only `openai`. */
  readonly organization?: string | undefined;
  /** OpenAI's project id. Only `openai`. */
  readonly project?: string | undefined;
  /** Models that it has besides those that are known of it. */
  readonly models?: readonly ModelInfo[] | undefined;
  /** Settings of `claude-cli` (`command`, `workingDirectory`, `tools`), or of a type that Millrace does not know. */
  readonly options?: JsonObject | undefined;
}

/** Where the account of all calls is kept. */
export interface LedgerConfig {
  /** The SQLite file; relative to the configuration file. */
  readonly path: string;
}

/** Where the HTTP server of an operator listens. */
export interface ServerConfig {
  readonly host?: string | undefined;
  /** 0 to 65535; 0 takes any free port. */
  readonly port?: number | undefined;
  /** The largest request body, in bytes. */
  readonly bodyLimitBytes?: number | undefined;
}

/** Time limits of every call, in milliseconds. `0` switches one off. The defaults are the gateway's. */
export interface TimeLimitsConfig {
  /** Until the vendor's first event. */
  readonly firstEventMs?: number | undefined;
  /** Between two events after that. */
  readonly idleMs?: number | undefined;
  /** For the whole call. */
  readonly totalMs?: number | undefined;
}

/** How prompts are made shorter. */
export interface CompressionConfig {
  /** Default: `lossless`. */
  readonly preset?: 'off' | 'lossless' | 'standard' | 'aggressive' | undefined;
  /** Tags whose content stays as it is. Default: `context` and `file`. */
  readonly keep?: readonly string[] | undefined;
  /** Shorter prompts are left alone, in characters. Default: 4,000. */
  readonly minCharacters?: number | undefined;
}

/** How answers are given again, from the memory of the process. */
export interface CacheConfig {
  /** How long an answer may be given again, in milliseconds. Default: 60,000. */
  readonly ttlMs?: number | undefined;
  /** Who shares answers. Default: `user`. */
  readonly scope?: 'user' | 'project' | 'shared' | undefined;
  /** How long after the first a duplicate shares its answer, in milliseconds. Default: 5,000. */
  readonly duplicateWindowMs?: number | undefined;
}

/** One limit of what may be spent. */
export interface BudgetLimitConfig {
  /** Its name: 1 to 64 letters, digits, `.`, `_` and `-`. */
  readonly id: string;
  /** US dollars; 0 lets nothing through that costs something. */
  readonly limitUsd: number;
  /** By the calendar, for ever (`total`), for each run, or the last so many milliseconds. */
  readonly period: 'hour' | 'day' | 'week' | 'month' | 'total' | 'run' | { readonly rollingMs: number };
  /** An IANA name such as `Europe/Zurich`. Default: that of the budget. */
  readonly timeZone?: string | undefined;
  /** Only calls with all these labels. Default: every call. */
  readonly only?:
    | {
        readonly project?: string | undefined;
        readonly user?: string | undefined;
        readonly apiKeyId?: string | undefined;
        readonly tag?: string | undefined;
      }
    | undefined;
  /** Each value of these has the limit for itself. */
  readonly per?: readonly ('project' | 'user' | 'apiKeyId' | 'tag')[] | undefined;
  /** The part of the limit, 0 to 1, from which on it warns. Default: 0.8. */
  readonly warnAt?: number | undefined;
  /** `false`: it warns, and lets calls through. Default: true. */
  readonly hard?: boolean | undefined;
}

/** What every way of routing takes. */
export interface CommonRoutingConfig {
  /** The success rate that is good enough for `cost-aware`, 0 to 1. Default: 0.8. */
  readonly threshold?: number | undefined;
  /** What to call when a named model fails: its name to other names; `*` for all that have no entry. */
  readonly fallbacks?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Candidates that a call may try in all. Default: 5. */
  readonly maxAttempts?: number | undefined;
  /** Prefer cheaper models when a budget is nearly used. Default: true. */
  readonly downgrade?: boolean | undefined;
}

/** How models are chosen: see the policies of `@millrace/core/routing`. */
export type RoutingConfig =
  | (CommonRoutingConfig & { readonly mode?: 'manual' | 'heuristic' | 'cost-aware' | undefined })
  | (CommonRoutingConfig & {
      readonly mode: 'orchestrated';
      readonly roles?: Readonly<Record<string, string>> | undefined;
      readonly categories?: Readonly<Partial<Record<RoutingCategory, string | undefined>>> | undefined;
      readonly otherwise?: 'heuristic' | 'cost-aware' | undefined;
    })
  | (CommonRoutingConfig & {
      readonly mode: 'single-model';
      readonly activeProvider: string;
      readonly activeModel?: string | undefined;
      readonly allowFailover?: boolean | undefined;
    });

/** A kind of task. */
export type RoutingCategory =
  | 'simple_qa'
  | 'code_gen'
  | 'code_review'
  | 'debug'
  | 'refactor'
  | 'explain'
  | 'other';

/** What may be spent. */
export interface BudgetConfig {
  readonly limits: readonly BudgetLimitConfig[];
  /** The SQLite file in which it is counted; relative to the configuration file. Default: the host's choice. */
  readonly path?: string | undefined;
  /** For limits that name none. Default: UTC. */
  readonly timeZone?: string | undefined;
  /** What to do with calls whose price is not known. Default: `block`. */
  readonly onUnknownPrice?: 'block' | { readonly reserveUsd: number } | undefined;
  /** What to do when what is left cannot be found out. Default: `closed`. */
  readonly onStoreError?: 'closed' | 'open' | undefined;
}

/** How often a failed request is sent again. The defaults are the gateway's. */
export interface RetryConfig {
  /** Further attempts after the first one. */
  readonly retries?: number | undefined;
  /** Before the first of them, in milliseconds; doubled for each one after. */
  readonly minDelayMs?: number | undefined;
  /** The longest pause that is not the vendor's own wish, in milliseconds. */
  readonly maxDelayMs?: number | undefined;
  /** When the vendor asks to wait longer than this, in milliseconds, the call fails at once. */
  readonly maxRetryAfterMs?: number | undefined;
}

/** The content of `millrace.yaml` or `millrace.json`. */
export interface MillraceConfig {
  /** The JSON Schema, for editors. Not read. */
  readonly $schema?: string | undefined;
  readonly version: 1;
  /** The model of requests that name none: whatever a request can name. */
  readonly defaultModel?: string | undefined;
  readonly providers: readonly ProviderConfig[];
  /** Other names for models: name to `provider:model`. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  /** Corrections of what is known of a model, by `provider:model`. */
  readonly models?: Readonly<Record<string, Partial<Omit<ModelInfo, 'id'>>>> | undefined;
  readonly ledger?: LedgerConfig | undefined;
  readonly server?: ServerConfig | undefined;
  readonly timeLimits?: TimeLimitsConfig | undefined;
  readonly retry?: RetryConfig | undefined;
  /** Give answers again. Default: every call asks the vendor. */
  readonly cache?: CacheConfig | undefined;
  /** Make long prompts shorter. Default: they go as they are. */
  readonly compression?: CompressionConfig | undefined;
  /** How models are chosen. Default: `heuristic`. */
  readonly routing?: RoutingConfig | undefined;
  /** Limits of what may be spent. Default: none. */
  readonly budget?: BudgetConfig | undefined;
}
