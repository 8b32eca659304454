/** A function host that is named later: functions need the endpoint that their simulator is a part of. */
import type { FunctionHost } from './function-host.ts';

export interface LateHost extends FunctionHost {
  /** Names the host, once. */
  bind(host: FunctionHost): void;
}

/** Until it is bound, every use rejects, except closing. */
export function createLateHost(): LateHost {
  let bound: FunctionHost | undefined;
  const host = (): FunctionHost => {
    if (!bound) throw new Error('the local cloud has no function host yet');
    return bound;
  };
  return {
    bind(given) {
      bound = given;
    },
    invoke: async (...invocation) => host().invoke(...invocation),
    warmUp: async (configuration) => host().warmUp(configuration),
    close: async () => bound?.close(),
  };
}
