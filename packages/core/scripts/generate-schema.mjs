// Writes `millrace.schema.json` from the schema that checks configuration files.
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../src/provider/config/config-json-schema.ts';

const target = new URL('../millrace.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
