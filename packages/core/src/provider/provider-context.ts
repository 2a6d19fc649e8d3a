import type { Credential } from './credential-source.js';

/** What a provider is handed with every call. */
export interface ProviderContext {
  /** The key, where one is configured. Never undefined when the provider requires one. */
  readonly credential?: Credential | undefined;
  /** Aborted when the caller cancels or a time limit passes. Must reach the socket or the child process. */
  readonly signal: AbortSignal;
}

/** The context of a model call. */
export interface CallContext extends ProviderContext {
  /**
   * `whole`: nobody watches the answer grow, so the provider may ask the vendor for it in one piece and yield
   * few events. `incremental`: yield deltas as they arrive.
   */
  readonly delivery: 'whole' | 'incremental';
}
