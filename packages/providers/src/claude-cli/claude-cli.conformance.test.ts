import { describeProvider } from '../conformance/index.js';
import { claudeCli } from './index.js';

// It speaks to a program, not to an API: how it answers is proven with the real program in tests/claude-cli.test.ts.
describeProvider('claude-cli', { create: () => claudeCli() });
