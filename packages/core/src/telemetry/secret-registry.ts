import { redactSecrets } from './redact.js';

/** The secrets that a gateway has used, so that its logs and errors can hide them. */
export interface SecretRegistry {
  /** Remember a value as secret. */
  add(secret: string): void;
  /** Hide every remembered secret, and whatever looks like one. */
  redact(text: string): string;
  /** Whether a text holds a remembered secret. */
  holds(text: string): boolean;
}

/** Keys rotate; the oldest are forgotten past this many, so that a long-lived process does not grow. */
const MOST_SECRETS = 1_000;

/** A registry of secrets. The values cannot be read back, listed or inspected. */
export const createSecretRegistry = (): SecretRegistry => {
  const secrets = new Set<string>();
  return {
    add(secret) {
      if (secrets.has(secret)) return;
      secrets.add(secret);
      if (secrets.size > MOST_SECRETS)
        for (const oldest of secrets.values()) return void secrets.delete(oldest);
    },
    redact: (text) => redactSecrets(text, secrets),
    holds(text) {
      for (const secret of secrets) if (text.includes(secret)) return true;
      return false;
    },
  };
};
