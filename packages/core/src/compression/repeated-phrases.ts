/** A place in one of some texts. */
interface Place {
  readonly text: number;
  readonly at: number;
}

/** Shorter phrases are not looked for. */
const LEAST_PHRASE = 20;
const LONGEST_PHRASE = 400;
const LEAST_PLACES = 3;
/** Characters that could be saved, at best: fewer are not worth a closer look. */
const LEAST_WEIGHT = 60;
/** Bounds the time for texts that repeat themselves without end. */
const MOST_PHRASES = 200;
const MOST_COMPARED = 32;

/** Letters, digits and the underscore; what is not ASCII counts as a letter. */
export const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code > 127;

/** Phrases within a line that stand about three times or more in some texts, the longest sum first. They may overlap. */
export const repeatedPhrases = (texts: readonly string[]): string[] => {
  const starts = new Map<string, Place[]>();
  texts.forEach((text, index) => {
    const last = text.length - LEAST_PHRASE;
    let lineEnd = text.indexOf('\n');
    for (let at = 0; at <= last; at++) {
      if (lineEnd >= 0 && at + LEAST_PHRASE > lineEnd) {
        at = lineEnd;
        lineEnd = text.indexOf('\n', at + 1);
        continue;
      }
      if (!beginsAt(text, at)) continue;
      const key = text.slice(at, at + LEAST_PHRASE);
      const places = starts.get(key);
      if (places === undefined) starts.set(key, [{ text: index, at }]);
      else places.push({ text: index, at });
    }
  });
  const found: { phrase: string; weight: number }[] = [];
  for (const places of starts.values()) {
    if (places.length < LEAST_PLACES) continue;
    const phrase = commonPhrase(texts, places.slice(0, MOST_COMPARED));
    if (phrase === undefined) continue;
    const times = countApart(places, phrase.length);
    const weight = phrase.length * (times - 1);
    if (times >= LEAST_PLACES && weight >= LEAST_WEIGHT) found.push({ phrase, weight });
  }
  return found
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST_PHRASES)
    .map(({ phrase }) => phrase);
};

/** A phrase begins with a word, or with a sign behind a word or a space. */
const beginsAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  if (code <= 32) return false;
  if (at === 0) return true;
  const before = text.charCodeAt(at - 1);
  return before <= 32 || isWord(code) !== isWord(before);
};

/** The longest beginning that some places share, up to the end of a word. */
const commonPhrase = (texts: readonly string[], places: readonly Place[]): string | undefined => {
  const [first] = places;
  const text = first && texts[first.text];
  if (first === undefined || text === undefined) return undefined;
  let length = LEAST_PHRASE;
  const sharedAt = (offset: number): boolean => {
    const code = text.charCodeAt(first.at + offset);
    if (Number.isNaN(code) || code === 10) return false;
    return places.every((place) => texts[place.text]?.charCodeAt(place.at + offset) === code);
  };
  while (length < LONGEST_PHRASE && sharedAt(length)) length++;
  const endsAtWord = (place: Place): boolean => {
    const other = texts[place.text] ?? '';
    const next = other.charCodeAt(place.at + length);
    // A digit would become part of the symbol's sign.
    return !(next >= 48 && next <= 57) && !(isWord(next) && isWord(other.charCodeAt(place.at + length - 1)));
  };
  const ends = (): boolean => text.charCodeAt(first.at + length - 1) > 32 && places.every(endsAtWord);
  while (length >= LEAST_PHRASE && !ends()) length--;
  return length < LEAST_PHRASE ? undefined : text.slice(first.at, first.at + length);
};

const countApart = (places: readonly Place[], length: number): number => {
  let count = 0;
  let before: Place | undefined;
  for (const place of places) {
    if (before !== undefined && before.text === place.text && before.at + length > place.at) continue;
    count++;
    before = place;
  }
  return count;
};
