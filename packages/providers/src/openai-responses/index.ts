// The responses dialect: pure conversion, without any SDK.
export { createAnswerReader } from './answer-reader.js';
export { type ResponsesDialect, writeRequest } from './write-request.js';
