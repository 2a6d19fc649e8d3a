import { describeProvider, googleDialect } from '../conformance/index.js';
import { google } from './index.js';

describeProvider('google', {
  dialect: googleDialect,
  create: (options) => google(options),
});
