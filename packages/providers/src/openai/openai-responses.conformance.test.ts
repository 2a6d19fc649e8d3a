import { describeProvider, openaiResponsesDialect } from '../conformance/index.js';
import { openai } from './index.js';

describeProvider('openai-responses', {
  dialect: openaiResponsesDialect,
  create: (options) => openai({ ...options, api: 'responses' }),
  model: 'gpt-5.2',
});
