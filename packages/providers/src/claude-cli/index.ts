// The Claude CLI: the `claude` program of this machine, with the login that it has.
export { type ClaudeCliOptions, claudeCli } from './claude-cli.js';
