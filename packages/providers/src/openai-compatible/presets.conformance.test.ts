import { describeProvider, openaiChatDialect } from '../conformance/index.js';
import { openaiPreset } from './index.js';

describeProvider('the preset for Mistral, whose server takes the least', {
  dialect: openaiChatDialect,
  create: (options) => openaiPreset('mistral', options),
});
