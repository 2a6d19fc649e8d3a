import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { Provider } from '@millrace/core/provider';

/** Registered, so that a provider of another copy of this package is known too; it survives a spread of the provider. */
const BRIDGED = Symbol.for('millrace.ai-sdk.model');

type FindModel = (modelId: string) => LanguageModelV4;

/** Mark a provider as one whose models are the AI SDK's. */
export const markBridged = (provider: Provider, find: FindModel): Provider =>
  Object.assign(provider, { [BRIDGED]: find });

/** Finds the AI SDK's models of a provider; `undefined` for a provider that has none. */
export const bridgedModels = (provider: Provider | undefined): FindModel | undefined =>
  provider && (Reflect.get(provider, BRIDGED) as FindModel | undefined);
