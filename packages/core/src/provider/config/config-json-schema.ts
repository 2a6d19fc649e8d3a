import { z } from 'zod';
import type { JsonSchema, JsonValue } from '../../model/json.js';
import { configSchema } from './config-schema.js';

/** The JSON Schema of a configuration file, which is published as `@millrace/core/millrace.schema.json`. */
export const configJsonSchema = (): JsonSchema => {
  // Through JSON, because the library attaches functions to the object.
  const { $schema, ...schema }: Record<string, JsonValue> = JSON.parse(
    JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' })),
  );
  return {
    $schema,
    title: 'Millrace configuration',
    description: 'The content of millrace.yaml or millrace.json.',
    ...schema,
  };
};
