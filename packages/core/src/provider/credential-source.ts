import type { ErrorCode } from '../model/errors/error-code.js';

/** A key to a vendor's API. */
export interface Credential {
  readonly apiKey: string;
  /** A name for logs and audit, never the key or part of it. */
  readonly label?: string | undefined;
}

/** What a provider says of the key that it needs. */
export interface CredentialRequirement {
  /** `false`: calls work without a key, such as to a server on this machine. */
  readonly required: boolean;
  /** The environment variable in which people keep it, such as `OPENAI_API_KEY`. */
  readonly environmentVariable?: string | undefined;
}

/** Who asks for a key. */
export interface CredentialQuery extends CredentialRequirement {
  readonly provider: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where keys come from: the environment, a vault, a host's own store. Asked on every call, so that a changed key
 * is used at once; an implementation that is slow should cache.
 */
export interface CredentialSource {
  get(query: CredentialQuery): Promise<Credential | undefined> | Credential | undefined;
  /**
   * Told that the vendor refused a key of this source, or that its account is used up. Gives another key to try at
   * once, or `undefined` when there is none.
   */
  replace?(
    query: CredentialQuery,
    refused: Credential,
    code: ErrorCode,
  ): Promise<Credential | undefined> | Credential | undefined;
}
