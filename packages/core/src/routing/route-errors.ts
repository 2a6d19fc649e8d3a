import { MillraceError } from '../model/errors/millrace-error.js';
import type { Registry } from '../provider/registry.js';
import { missingKeyMessage } from '../provider/verify-key.js';
import { lacking } from './request-needs.js';
import type { RouteInput } from './route-input.js';
import type { SingleModelPolicy } from './routing-policy.js';

/** The model belongs to another provider. */
export const locked = (name: string, { activeProvider }: SingleModelPolicy): MillraceError =>
  new MillraceError(
    'PROVIDER_LOCKED',
    `Calls are held to the provider "${activeProvider}" by single-model mode, and "${name}" is of another one. Leave the model out, name one of ${activeProvider}, or change \`routing\`.`,
    { details: { activeProvider } },
  );

/** The one provider cannot be called. */
export const lockedOut = (registry: Registry, { activeProvider }: SingleModelPolicy): MillraceError => {
  const registered = registry.get(activeProvider);
  const details = { activeProvider };
  if (registered === undefined)
    return new MillraceError(
      'UNKNOWN_PROVIDER',
      `Calls are held to the provider "${activeProvider}" by single-model mode, and there is none of that name.`,
      { details },
    );
  const { provider, enabled } = registered;
  return enabled
    ? new MillraceError(
        'MISSING_KEY',
        `${missingKeyMessage(provider)} Calls are held to it by single-model mode; nothing was sent.`,
        { details },
      )
    : new MillraceError(
        'PROVIDER_DISABLED',
        `Calls are held to the provider "${activeProvider}" by single-model mode, and it is switched off. Enable it, or change \`routing\`.`,
        { details },
      );
};

/** In manual mode the caller names the model. */
export const nameOne = (registry: Registry): MillraceError => {
  const [example] = registry.models();
  const such = example === undefined ? 'openai:gpt-4.1-mini' : `${example.provider}:${example.id}`;
  return new MillraceError(
    'BAD_REQUEST',
    `Routing is manual: name the model, such as "${such}", or a tier such as "tier:economy".`,
  );
};

/** No model can do what the request needs. */
export const nothingFits = (target: string, { models, needs }: RouteInput): MillraceError => {
  const missing = new Set(models.map(({ info }) => lacking(info, needs)).filter((one) => one !== undefined));
  const what = [...missing].join(' and ');
  const why = what === '' ? '' : ` The request needs ${what}.`;
  const longest = Math.max(0, ...models.map(({ info }) => info.contextWindow ?? 0));
  const length =
    longest > 0 && needs.tokensIn + (needs.tokensOut ?? 0) > longest
      ? ` It has about ${needs.tokensIn} tokens, and the longest window is ${longest}.`
      : '';
  const known =
    models.length > 0
      ? `Models of ready providers that were considered: ${models.length}.`
      : 'The ready providers list no models: name one as provider:model.';
  return new MillraceError('NO_PROVIDER', `No ready model fits "${target}".${why}${length} ${known}`);
};
