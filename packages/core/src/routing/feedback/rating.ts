/** What a user says of an answer: a word, or 1 (worst) to 5 (best). */
export type Rating = 'good' | 'bad' | 1 | 2 | 3 | 4 | 5;
