import PQueue from 'p-queue';
import type { Reply } from '../model/reply.js';
import type { Logger } from '../telemetry/logger.js';
import type { Call } from './call.js';
import type { ChatRequest } from './chat-request.js';

/** Calls models beside an answer, for experiments; nobody sees what they say. */
export interface Shadow {
  run(call: Call, models: readonly string[]): void;
  /** Resolves when no such call is running. */
  idle(): Promise<void>;
}

const AT_ONCE = 4;
/** More than this are left out: shadows must not pile up behind a slow vendor. */
const MOST_WAITING = 100;

/** Shadow calls are recorded, budgeted and learned from as others are; their tag is `shadow`. */
export const createShadow = (chat: (request: ChatRequest) => Promise<Reply>, logger: Logger): Shadow => {
  const queue = new PQueue({ concurrency: AT_ONCE });
  return {
    run(call, models) {
      const { labels, request, timeLimits } = call;
      for (const model of models) {
        if (queue.size >= MOST_WAITING) return;
        const { tags = [] } = labels;
        const asking = { ...request, ...labels, tags: [...tags, 'shadow'], timeLimits, model };
        void queue
          .add(() => chat({ ...asking, routing: { fallback: false }, cache: { mode: 'no-cache' } }))
          .catch((error: unknown) => logger.info({ callId: call.id, model, error }, 'a shadow call failed'));
      }
    },
    idle: () => queue.onIdle(),
  };
};
