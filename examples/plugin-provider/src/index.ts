export { type CohereOptions, cohere } from './cohere.ts';
