import { describeProvider } from '../conformance/index.js';
import { simulated } from './index.js';

describeProvider('simulated', { create: () => simulated() });
