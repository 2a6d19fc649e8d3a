// What users say of answers.
export { type FeedbackCommand, type FeedbackProblem, parseFeedback } from './parse-feedback.js';
export type { Rating } from './rating.js';
