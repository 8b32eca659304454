/** Leaves the looks at open waits to wake-deployment, the one function that may look everywhere. */
import { type Lambda, lambda } from '../aws/lambda.ts';
import { functionName } from './config.ts';
import type { Log, Runtime } from './runtime.ts';

export interface WakePorts {
  readonly lambda: Lambda;
  readonly wakeFunction: string;
}

export const WAKE_PORTS = {
  lambda,
  wakeFunction: ({ env }: Runtime): string => functionName(env, 'WAKE_FUNCTION'),
};

/** What wake-deployment is called with to look at every open wait; otherwise it gets the keys of those that are meant. */
export const EVERY_WAIT = { everyWait: true } as const;

/** The key of a deployment among the things that wake its wait. */
export const deploymentWaitKey = (deploymentId: string): string => `deployment:${deploymentId}`;

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
