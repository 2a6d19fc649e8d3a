interface Entry<Item> {
  readonly item: Item;
  place: number;
}

/**
 * Those who are present, where many come and go. A `Set` would do, but each table that it outgrows stays reachable
 * from the one before: once a dead one is in V8's old generation, everything that was ever present since then
 * is kept alive until the next full collection.
 */
export class Roster<Item> {
  readonly #entries: Entry<Item>[] = [];

  /** Returns how to take it out again; a second time does nothing. */
  add(item: Item): () => void {
    const entry: Entry<Item> = { item, place: this.#entries.length };
    this.#entries.push(entry);
    return () => this.#remove(entry);
  }

  /** Those who are present now, in no order. */
  items(): Item[] {
    return this.#entries.map(({ item }) => item);
  }

  // The last one takes the empty place.
  #remove(entry: Entry<Item>): void {
    if (entry.place < 0) return;
    const last = this.#entries.pop();
    if (last !== undefined && last !== entry) {
      this.#entries[entry.place] = last;
      last.place = entry.place;
    }
    entry.place = -1;
  }
}
