/** HTTP requests of checks, as a port: from this function, or from the one inside the load balancer's network. */
import { lambda } from '../aws/lambda.ts';
import { type Asked, askInTurn, type HttpReport } from './asking.ts';
import type { HttpRequest, Runtime } from './runtime.ts';
import type { CheckNetwork } from './service.ts';

export interface Http {
  /** Sends requests one after the other. @param network if they must be sent from inside of one */
  ask(requests: readonly HttpRequest[], network?: CheckNetwork): Promise<readonly Asked[]>;
}

/** The checks that one call makes take at most 40 s by their configuration, and the function has a minute. */
const REPORT_SECONDS_MAX = 50;

export function http(runtime: Runtime): Http {
  return {
    async ask(requests, network) {
      if (!network) return askInTurn(requests, runtime);
      const { functionName = '' } = network;
      const called = await lambda(runtime).invoke(functionName, { requests }, REPORT_SECONDS_MAX);
      if (called.answered) return (called.payload as HttpReport).asked;
      return requests.map(() => ({ failed: `without an answer: ${functionName} failed, ${called.reason}` }));
    },
  };
}
