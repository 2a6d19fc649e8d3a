/** Text without halves of characters, which UTF-8 cannot hold: each is U+FFFD. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');
