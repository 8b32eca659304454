/** Leaves the looks at open waits to wake-deployment, the one function that may look everywhere. */
import { type Lambda, lambda } from '../aws/lambda.ts';
import { functionName } from './config.ts';
import type { Log, Runtime } from './runtime.ts';
import { deploymentWaitKey } from './wait-keys.ts';

export interface WakePorts {
  readonly lambda: Lambda;
  readonly wakeFunction: string;
}

export const WAKE_PORTS = {
  lambda,
  wakeFunction: ({ env }: Runtime): string => functionName(env, 'WAKE_FUNCTION'),
};

/** A deployment's open wait looks again, soon. The sweep does the same within a minute, so that a failure is only noted. */
export async function wakeWaitOf(
  deploymentId: string,
  { lambda, wakeFunction, log }: WakePorts & { readonly log: Log },
): Promise<void> {
  try {
    await lambda.invokeLater(wakeFunction, { resources: [deploymentWaitKey(deploymentId)] });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn('a wait could not be woken; the sweep will', { deploymentId, reason });
  }
}
