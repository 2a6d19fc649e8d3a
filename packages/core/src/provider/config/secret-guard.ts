const secretName =
  /^(x-)?(api[-_]?)?(key|token|secret|password)$|^(access|auth|bearer|session)[-_]?token$|^client[-_]?secret$|^credentials?$/i;
const secretHeader = /authorization|cookie|(api|auth|access|subscription)[-_]?key|token|secret|password/i;
const keyShapes: readonly RegExp[] = [
  /\b(sk|pk|rk|gsk|xai|fw|csk|hf|pplx|r8|gh[pousr]|github_pat)[-_][-_A-Za-z0-9.]{12,}/i,
  /\b(AIza|AKIA|ASIA|eyJ)[-_A-Za-z0-9.]{12,}/,
  /\b(bearer|basic)\s+\S{6,}/i,
];
const longWord = /^[A-Za-z0-9+/=_-]{32,}$/;

/** Whether a key of the file is where people would write a secret. */
export const isSecretName = (name: string): boolean => secretName.test(name);

/** Whether a header of that name mostly carries a secret. */
export const isSecretHeader = (name: string): boolean => secretHeader.test(name);

/** Whether a value looks like a key: a known beginning, or a long word of letters and digits mixed. */
export const looksLikeSecret = (value: string): boolean =>
  keyShapes.some((shape) => shape.test(value)) ||
  (longWord.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value));
