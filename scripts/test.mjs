// `npm test`: installs what is missing, then runs every test that needs no system service. Needs nothing installed.
// This file keeps to old syntax, so that an old Node prints the sentence below and not a SyntaxError.
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(
    `Millrace needs Node 20 or newer, and this is Node ${process.versions.node}. Get one from https://nodejs.org.`,
  );
  process.exit(1);
}

import('./lib/prepare.mjs')
  .then(({ runPrepared }) =>
    runPrepared({
      build: false,
      script: 'node_modules/vitest/vitest.mjs',
      args: ['run'].concat(process.argv.slice(2)),
      ownGroup: false,
    }),
  )
  .then((code) => {
    process.exitCode = code;
  });
