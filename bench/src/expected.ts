/** How many chunks of text the upstream streams. */
export const CHUNKS = 200;
/** The text of a whole stream. */
export const WORDS: string = Array.from({ length: CHUNKS }, (_, index) => `word${index} `).join('');
