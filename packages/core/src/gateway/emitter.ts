import { EventEmitter } from 'eventemitter3';
import type { Logger } from '../telemetry/logger.js';
import type { GatewayEvents } from './gateway-events.js';

/** Tell the listeners; never throws. */
export type Emit = <Name extends keyof GatewayEvents>(name: Name, event: GatewayEvents[Name]) => void;

/** The events of one gateway. */
export interface GatewayEmitter {
  readonly emit: Emit;
  /** Returns the function that stops listening. */
  on<Name extends keyof GatewayEvents>(
    name: Name,
    listener: (event: GatewayEvents[Name]) => void,
  ): () => void;
}

/** An emitter whose listeners cannot harm a call or each other: what they throw is logged. */
export const createEmitter = (logger: Logger): GatewayEmitter => {
  const emitter = new EventEmitter<{ [Name in keyof GatewayEvents]: [event: GatewayEvents[Name]] }>();
  return {
    emit(name, event) {
      if (emitter.listenerCount(name) > 0) emitter.emit(name, ...([event] as never));
    },
    on(name, listener) {
      const report = (error: unknown): void => logger.error({ event: name, error }, 'a listener failed');
      const safe = (event: GatewayEvents[typeof name]): void => {
        try {
          const result: unknown = listener(event);
          // A listener may be an async function, whatever its type says.
          if (result instanceof Promise) result.catch(report);
        } catch (error) {
          report(error);
        }
      };
      emitter.on(name, safe as never);
      return () => void emitter.off(name, safe as never);
    },
  };
};
