import { CommandFailure } from '../lib/workspace.mjs';
import { batchOf } from './batch-price.mjs';
import { describeChange, describePrice } from './describe-price.mjs';
import { readPrice } from './read-price.mjs';

/** The facts that are ours: the family's, and the model's own over them. */
const factsOf = (vendor, listed) => {
  const { id, from, family, embedding, batchCache, ...own } = listed;
  const shared = family === undefined ? {} : vendor.families[family];
  if (shared === undefined) throw new CommandFailure(`${vendor.name}: ${id} names no known family.`);
  const { batchCache: familyCache, ...facts } = shared;
  const { aliases, tier, contextWindow, maxOutputTokens, capabilities } = { ...facts, ...own };
  return {
    facts: { id, aliases, tier, contextWindow, maxOutputTokens, capabilities },
    source: from ?? id,
    isEmbedding: embedding === true,
    batchCache: batchCache ?? familyCache ?? 'scaled',
  };
};

const complete = (price, { vendor, isEmbedding, batchCache }) => {
  const { webSearch, batch: stated, ...rest } = price;
  const batch = stated ?? (vendor.batch && !isEmbedding && batchOf(rest, vendor.batch.factor, batchCache));
  return {
    ...rest,
    ...(batch && { batch }),
    // Only where the vendor's usage says how many there were.
    ...(vendor.webSearch && webSearch !== undefined && { webSearch }),
  };
};

/** One model with its price, and what is to be said of it. */
const buildModel = (listed, { vendor, current, entries, dataSet, today }) => {
  const { facts, source, isEmbedding, batchCache } = factsOf(vendor, listed);
  const notes = [];
  const note = (kind, text) => notes.push({ kind, model: facts.id, text });
  const entry = entries.get(source);
  const before = current.get(facts.id);
  const override = vendor.overrides[facts.id];
  const read = entry && readPrice(entry, { today, isEmbedding });
  const finished = (price) => complete(price, { vendor, isEmbedding, batchCache });
  const dated = (nextPrice) => nextPrice && { from: nextPrice.from, price: finished(nextPrice.price) };

  const decide = () => {
    if (override !== undefined) {
      const hasBegun = override.nextPrice !== undefined && override.nextPrice.from <= today;
      const price = finished(hasBegun ? override.nextPrice.price : override.price);
      const nextPrice = hasBegun ? undefined : dated(override.nextPrice);
      if (
        read?.price &&
        describeChange(
          { price, nextPrice },
          { price: finished(read.price), nextPrice: dated(read.nextPrice) },
        ) === undefined
      )
        note('override', 'the data set says the same now; the override can go');
      return { price, nextPrice, asOf: override.asOf };
    }
    if (read?.price)
      return { price: finished(read.price), nextPrice: dated(read.nextPrice), asOf: dataSet.published };
    const kept = before?.price === undefined ? 'it has no price' : 'its price was kept';
    if (entry === undefined) note('vanished', `not in the data set; ${kept}`);
    else note('not read', `${read.unreadable}; ${kept}`);
    return { price: before?.price, nextPrice: before?.nextPrice, asOf: before?.asOf };
  };
  const { price, nextPrice, asOf } = decide();
  if (before === undefined) note('added', price === undefined ? 'at an unknown price' : describePrice(price));
  else {
    const change = describeChange(before, { price, nextPrice });
    if (change !== undefined) note('changed', change);
  }
  if (nextPrice !== undefined) note('later', `${describePrice(nextPrice.price)} from ${nextPrice.from}`);
  return { model: { ...facts, price, nextPrice, asOf }, isEmbedding, source, notes };
};

/** Models that the data set has and we do not, but for those that we leave out on purpose. */
const newcomers = (vendor, entries, known, today) => {
  const ignored = vendor.ignored.map((pattern) => new RegExp(pattern));
  return [...entries.values()]
    .filter(({ id, deprecated }) => !known.has(id) && !deprecated && !ignored.some((one) => one.test(id)))
    .map((entry) => {
      const { price, unreadable } = readPrice(entry, { today, isEmbedding: false });
      const text = price === undefined ? unreadable : describePrice(price);
      return {
        kind: 'new',
        model: entry.id,
        text: `${text}; add it to scripts/prices/models/${vendor.name}.json`,
      };
    });
};

/** A vendor's models as they should be written, and the differences from those that are written now. */
export const buildVendor = ({ vendor, current, dataSet, today }) => {
  const listed = dataSet.models(vendor.provider);
  const entries = new Map((listed ?? []).map((entry) => [entry.id, entry]));
  const built = vendor.models.map((model) => buildModel(model, { vendor, current, entries, dataSet, today }));
  const ids = new Set(built.map(({ model }) => model.id));
  const known = new Set(built.flatMap(({ source, model }) => [source, model.id]));
  const removed = [...current.keys()]
    .filter((id) => !ids.has(id))
    .map((id) => ({
      kind: 'removed',
      model: id,
      text: `no longer in scripts/prices/models/${vendor.name}.json`,
    }));
  return {
    models: built,
    report: [
      ...built.flatMap(({ notes }) => notes),
      ...removed,
      ...newcomers(vendor, entries, known, today).sort((a, b) => (a.model < b.model ? -1 : 1)),
    ],
  };
};
