import type { CatalogueModel } from '@millrace/core/provider';

/** The part of a registry that the list of models needs. */
export interface ModelSource {
  models(): readonly CatalogueModel[];
  aliases(): Readonly<Record<string, string>>;
}

/** A model as OpenAI's clients expect it. */
export interface ModelObject {
  readonly id: string;
  readonly object: 'model';
  /** Seconds since 1970. Catalogues do not know it, so it is 0. */
  readonly created: number;
  readonly owned_by: string;
}

const OWN = 'millrace';
const OWN_NAMES = ['auto', 'tier:economy', 'tier:standard', 'tier:premium'];

const modelObject = (id: string, ownedBy: string): ModelObject => ({
  id,
  object: 'model',
  created: 0,
  owned_by: ownedBy,
});

/** Everything that a request can name: our own names, aliases, and the models of the providers that are on. */
export const listModels = (source: ModelSource): readonly ModelObject[] => {
  const models = new Map<string, ModelObject>();
  for (const name of [...OWN_NAMES, ...Object.keys(source.aliases())])
    models.set(name, modelObject(name, OWN));
  for (const model of source.models()) {
    const id = `${model.provider}:${model.id}`;
    models.set(id, modelObject(id, model.provider));
  }
  return [...models.values()];
};

/** One model by any name that a request may use for it. */
export const findModel = (source: ModelSource, name: string): ModelObject | undefined => {
  if (OWN_NAMES.includes(name) || Object.hasOwn(source.aliases(), name)) return modelObject(name, OWN);
  const named = ({ id, aliases }: CatalogueModel, wanted: string): boolean =>
    id === wanted || (aliases?.includes(wanted) ?? false);
  const found = source
    .models()
    .find((model) =>
      name.startsWith(`${model.provider}:`)
        ? named(model, name.slice(model.provider.length + 1))
        : named(model, name),
    );
  return found && modelObject(name, found.provider);
};
