import { describeProvider, ollamaDialect } from '../conformance/index.js';
import { ollama } from './index.js';

describeProvider('ollama', {
  dialect: ollamaDialect,
  create: (options) => ollama(options),
});
