import { describeProvider, openaiChatDialect } from '../conformance/index.js';
import { openaiCompatible } from './index.js';

describeProvider('openai-compatible', {
  dialect: openaiChatDialect,
  create: (options) => openaiCompatible({ id: 'anybody', ...options }),
});
