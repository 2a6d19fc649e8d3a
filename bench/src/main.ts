// `npm run bench`: what Millrace costs, as ratios against the raw thing, measured in one run. `--quick` measures
// little, to show that everything runs; its ratios are rough and nothing is judged by them.
// `--only=` and the name of a part measures that part alone.
import { measureCache } from './cache.ts';
import { startChild } from './child.ts';
import { measureClassify } from './classify.ts';
import { measureCompression } from './compression.ts';
import { measureCpu } from './cpu.ts';
import { measureLedger } from './ledger.ts';
import { installPeers } from './peers.ts';
import { isMet, type Measurement, report } from './ratio.ts';
import { measureRouter } from './router/measure-router.ts';
import { measureRouting } from './routing.ts';
import { measureThroughput } from './throughput.ts';
import { measureVault } from './vault.ts';

const quick = process.argv.includes('--quick');
const effort = quick ? { rounds: 1, scale: 0.1 } : { rounds: 5, scale: 1 };

const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
const PARTS = {
  cpu: measureCpu,
  throughput: measureThroughput,
  cache: measureCache,
  vault: measureVault,
  classify: measureClassify,
  routing: measureRouting,
  ledger: measureLedger,
  router: measureRouter,
  compression: measureCompression,
};

const main = async (): Promise<void> => {
  await installPeers();
  const upstream = await startChild('./upstream.ts');
  const url = `http://127.0.0.1:${upstream.ready.port}`;
  console.log(`Node ${process.versions.node}${quick ? ', a quick run: the ratios are rough' : ''}\n`);
  const measurements: Measurement[] = [];
  for (const [part, measure] of Object.entries(PARTS)) {
    if (only !== undefined && part !== only) continue;
    for (const measurement of await measure(url, effort)) {
      console.log(report(measurement));
      measurements.push(measurement);
    }
  }
  await upstream.stop();
  const missed = measurements.filter((measurement) => !isMet(measurement));
  console.log(
    `\n${measurements.length} ratios, ${missed.length} ${missed.length === 1 ? 'bar' : 'bars'} missed`,
  );
  if (!quick && missed.length > 0) process.exitCode = 1;
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  // Ends the processes that are still there.
  process.exit(1);
});
