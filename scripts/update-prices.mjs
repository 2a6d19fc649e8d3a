// Compares the generated model lists with a public data set of prices, and rewrites them with --write.
// Choice of the data set, and how to keep the lists: docs/prices.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandFailure, root as repository } from './lib/workspace.mjs';
import { buildVendor } from './prices/build-vendor.mjs';
import { readCurrent, readVendors } from './prices/catalogue-files.mjs';
import { openDataSet } from './prices/data-set.mjs';
import { printModule } from './prices/print-module.mjs';

const usage = `Usage: npm run update:prices -- [options]
  --write          rewrite the model lists; without it only the differences are printed
  --check          fail when the lists are not what the recorded data set and the files in scripts/prices give
  --data FILE      read a data set from a JSON file instead of the installed package
  --as-of DATE     the day of the data, YYYY-MM-DD; default: the day on which the package was published
  --today DATE     prices that begin later are left out; default: today
  --root FOLDER    a folder laid out as this repository`;

const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

const readOptions = () => {
  try {
    const text = { type: 'string' };
    const flag = { type: 'boolean' };
    const { values } = parseArgs({
      options: { write: flag, check: flag, data: text, 'as-of': text, today: text, root: text, help: flag },
    });
    for (const name of ['as-of', 'today']) {
      if (values[name] !== undefined && !isDay(values[name]))
        throw new Error(`--${name} must be a day such as 2026-11-20, and is "${values[name]}".`);
    }
    if (values.write && values.check) throw new Error('--write and --check exclude each other.');
    return values;
  } catch (error) {
    throw new CommandFailure(`${error.message}\n${usage}`);
  }
};

const main = async () => {
  const options = readOptions();
  if (options.help) return console.log(usage);
  const root = options.root ?? repository;
  const recordFile = join(root, 'scripts/prices/source.json');
  const record = existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, 'utf8')) : undefined;
  const dataSet = await openDataSet({ file: options.data, asOf: options['as-of'], record });
  // What was right on the day of writing is checked, so that the check does not fail by the passing of time.
  const recordedDay = options.check ? record?.written : undefined;
  const today = options.today ?? recordedDay ?? new Date().toISOString().slice(0, 10);

  const results = [];
  for (const vendor of readVendors(root)) {
    const current = await readCurrent(root, vendor);
    const { models, report } = buildVendor({ vendor, current, dataSet, today });
    const text = printModule(vendor, models, dataSet);
    const file = join(root, vendor.file);
    const isStale = !existsSync(file) || readFileSync(file, 'utf8') !== text;
    results.push({ vendor, file, text, report, isStale });
  }

  const stale = results.filter(({ isStale }) => isStale);
  if (options.check) {
    if (stale.length === 0) return;
    const files = stale.map(({ vendor }) => vendor.file).join(', ');
    throw new CommandFailure(`Not up to date: ${files}. Run "npm run update:prices -- --write".`);
  }
  console.log(`Price data: ${dataSet.name} ${dataSet.version} of ${dataSet.published}`);
  for (const { vendor, report } of results) {
    console.log(`\n${vendor.name}${report.length === 0 ? ': no difference' : ''}`);
    for (const { kind, model, text } of report) console.log(`  ${kind.padEnd(10)}${model}: ${text}`);
  }
  if (!options.write) return console.log('\nNothing was written; use --write for that.');
  for (const { file, text } of stale) writeFileSync(file, text);
  const { name, version, published } = dataSet;
  writeFileSync(recordFile, `${JSON.stringify({ name, version, published, written: today }, null, 2)}\n`);
  console.log(`\nWritten: ${stale.length} of ${results.length} lists.`);
};

try {
  await main();
} catch (error) {
  if (!(error instanceof CommandFailure)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
