/** What a key is for. No two records of a vault share one. */
export interface KeyIdentity {
  /** The provider's id in the registry. */
  readonly provider: string;
  /** Empty: for every project that has no key of its own. */
  readonly project: string;
  /** Empty: for every environment that has no key of its own. Usual ones are `dev`, `preview` and `prod`. */
  readonly environment: string;
  /** A name that tells the keys of one provider apart. */
  readonly label: string;
}

/** Whether two identities are one. */
export const sameIdentity = (a: KeyIdentity, b: KeyIdentity): boolean =>
  a.provider === b.provider &&
  a.project === b.project &&
  a.environment === b.environment &&
  a.label === b.label;

/** An identity for messages and logs, such as `openai/main (project shop, prod)`. */
export const describeIdentity = ({ provider, project, environment, label }: KeyIdentity): string => {
  const scope = [project !== '' ? `project ${project}` : '', environment].filter((part) => part !== '');
  return `${provider}/${label}${scope.length > 0 ? ` (${scope.join(', ')})` : ''}`;
};

/** The bytes that bind a ciphertext to its record: the format, the record's id and its identity, in one order. */
export const identityBytes = (
  id: string,
  { provider, project, environment, label }: KeyIdentity,
): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify(['millrace-vault-record', 1, id, provider, project, environment, label]),
  );
