import { describeProvider, openaiChatDialect } from '../conformance/index.js';
import { openai } from './index.js';

describeProvider('openai', {
  dialect: openaiChatDialect,
  create: (options) => openai({ ...options, api: 'chat' }),
  model: 'gpt-4o',
});
