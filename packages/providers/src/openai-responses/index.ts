// The responses dialect: pure conversion, without any SDK.
export { createAnswerReader } from './answer-reader.js';
export { type ResponsesDialect, type WrittenRequest, writeRequest } from './write-request.js';
