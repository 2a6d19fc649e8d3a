/** Why a model was not considered. */
export type RejectionKind =
  /** Single-model mode holds the call to another provider. */
  | 'lock'
  /** The provider is switched off. */
  | 'disabled'
  /** The provider has no key. */
  | 'no-key'
  /** It failed several times in a row. */
  | 'cool-down'
  /** It cannot do what the request needs. */
  | 'capability'
  /** The request is longer than it takes. */
  | 'context'
  /** It is likely to cost more than a budget has left. */
  | 'budget'
  /** A rule of the policy: no simulated models beside real ones, a tier that was named, how many may be tried. */
  | 'policy';

/** A model that was considered, and why it is no candidate. */
export interface RejectedModel {
  readonly provider: string;
  /** Absent when it is about all models of the provider. */
  readonly model?: string | undefined;
  readonly kind: RejectionKind;
  readonly reason: string;
}
