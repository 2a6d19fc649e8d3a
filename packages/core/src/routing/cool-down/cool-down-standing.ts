import type { ErrorCode } from '../../model/errors/error-code.js';
import type { FailureScope } from '../failure-scope.js';

/** Whether a model may be called. */
export type CoolDownStanding =
  /** It works as far as is known. */
  | { readonly state: 'ready'; readonly callable: true }
  | {
      /** `cooling`: it is skipped until a time. `trial`: that time is over, and one call at a time may try it. */
      readonly state: 'cooling' | 'trial';
      /** Whether a call may go there: only a trial, and only one that nobody else is known to have begun. */
      readonly callable: boolean;
      /** Whether it is the whole provider or the model alone. */
      readonly scope: FailureScope;
      /** When the first trial may begin, in milliseconds since 1970. */
      readonly until: number;
      /** The failure that it was skipped for. */
      readonly code: ErrorCode;
      /** One sentence that a person can read. */
      readonly reason: string;
    };

/** Something that is skipped or tried. */
export interface CoolDownEntry {
  readonly provider: string;
  /** Undefined for the whole provider. */
  readonly model: string | undefined;
  /** How many times in a row it was found failing. */
  readonly level: number;
  /** When the first trial may begin, in milliseconds since 1970. */
  readonly until: number;
  readonly code: ErrorCode;
}

/** Something began or ceased to be skipped. */
export type CoolDownChange =
  | (CoolDownEntry & { readonly type: 'cool-down-start' })
  | (Pick<CoolDownEntry, 'provider' | 'model'> & { readonly type: 'cool-down-end' });

/** One call, from its beginning to its outcome. The first outcome counts. */
export interface CoolDownCall {
  /** It tries something that was skipped. Must come to an outcome soon: nobody else may try meanwhile. */
  readonly trial: boolean;
  /** The model answered. */
  succeeded(): void;
  /** It failed. Only failures that say something about the provider or the model count. */
  failed(error: unknown): void;
  /** It ended without saying anything: it was cancelled, say. */
  abandoned(): void;
}
