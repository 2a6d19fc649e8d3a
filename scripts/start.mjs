// `npm start`: installs and builds what is missing, then runs the example server. Needs nothing installed.
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
      build: true,
      script: 'examples/express-server/main.ts',
      args: process.argv.slice(2),
      ownGroup: true,
    }),
  )
  .then((code) => {
    process.exitCode = code;
  });
