import { serve } from '@millrace/server-adapter/node';
import { createMeasuredHandler } from './measured-handler.ts';

const { port } = await serve({ handler: createMeasuredHandler(), port: 0 });
process.send?.({ port });
