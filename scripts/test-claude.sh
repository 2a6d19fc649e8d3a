#!/usr/bin/env bash
# Runs the tests of the Claude CLI provider with the real program, against an emulated API on loopback. The program is
# installed from npm into a scratch folder, without its install script.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

system="$(node -p 'process.platform + "-" + process.arch')"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
printf '{ "private": true }\n' >"$scratch/package.json"
(cd "$scratch" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts \
  "@anthropic-ai/claude-code-$system@2.1.329" >install.log 2>&1) || {
  cat "$scratch/install.log"
  exit 1
}
export MILLRACE_TEST_CLAUDE="$scratch/node_modules/@anthropic-ai/claude-code-$system/claude"
"$MILLRACE_TEST_CLAUDE" --version
npm run vitest -- run tests/claude-cli
