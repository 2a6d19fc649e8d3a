import type { CatalogueModel } from '../provider/model-info.js';
import type { Registry } from '../provider/registry.js';
import type { RouteCandidate } from '../routing/route-decision.js';

/** A date at the end of a model id, as vendors name their snapshots: `-2026-03-17`, `-20260317`, `-0613`. */
const SNAPSHOT = /^-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$/;

/**
 * What the catalogue knows of the model that answered. A dated snapshot that it does not list counts as the model
 * that was asked for; any other unknown model stays unknown, so that its price is not guessed.
 */
export const servedModelInfo = (
  registry: Registry,
  { provider, model: asked, info }: RouteCandidate,
  served: string | undefined,
): CatalogueModel | undefined => {
  const listed = registry.findModel(provider, served ?? asked);
  if (listed !== undefined) return listed;
  const isAsked =
    served === undefined ||
    served === asked ||
    (served.startsWith(asked) && SNAPSHOT.test(served.slice(asked.length)));
  // The provider may have been taken out while the call ran; what was known when it began still holds.
  return isAsked ? (registry.findModel(provider, asked) ?? info) : undefined;
};
