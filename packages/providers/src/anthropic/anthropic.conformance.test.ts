import { anthropicDialect, describeProvider } from '../conformance/index.js';
import { anthropic } from './index.js';

describeProvider('anthropic', {
  dialect: anthropicDialect,
  create: (options) => anthropic(options),
});
