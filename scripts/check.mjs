// `npm run check`: everything that must hold before a change is merged, except the tests themselves.
import { spawnSync } from 'node:child_process';

const major = Number(process.versions.node.split('.')[0]);
if (major < 22) {
  console.error(
    `The checks need Node 22 or newer, and this is Node ${process.versions.node}. ` +
      'Run them with "npm run check" after an install with install scripts on.',
  );
  process.exit(1);
}

const steps = [
  'lint',
  'typecheck',
  'typecheck:compat',
  'test:types',
  'build',
  'check:packages',
  'check:unused',
  'check:size',
  'check:deps',
  'check:files',
  'check:versions',
  'docs',
];

const results = steps.map((step) => {
  console.log(`\n── ${step}`);
  const started = Date.now();
  const { status } = spawnSync('npm', ['run', '--silent', step], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return { step, passed: status === 0, seconds: ((Date.now() - started) / 1000).toFixed(1) };
});

console.log('\n── summary');
for (const { step, passed, seconds } of results) {
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${step.padEnd(18)} ${seconds.padStart(6)} s`);
}
const failed = results.filter(({ passed }) => !passed).length;
console.log(`checks: ${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
