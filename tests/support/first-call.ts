// Makes a gateway with OpenAI and calls it; prints whether the SDK was loaded before and after the call.
import { registerHooks } from 'node:module';
import { createGateway } from '@millrace/core';
import { openai } from '@millrace/providers/openai';

let isLoaded = false;
registerHooks({
  load(url, context, next) {
    isLoaded ||= url.includes('/node_modules/openai/');
    return next(url, context);
  },
});

const gateway = createGateway({
  providers: [openai({ apiKey: 'sk-test', baseUrl: 'http://127.0.0.1:1/v1' })],
});
gateway.registry.modelsByCost();
await gateway.registry.isReady('openai');
console.log(`before: ${isLoaded}`);
const error: unknown = await gateway
  .chat({ model: 'openai:any', prompt: 'Hello' })
  .catch((thrown: unknown) => thrown);
console.log(`after: ${isLoaded}, ${(error as { code?: string }).code}`);
