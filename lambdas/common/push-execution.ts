/** The name of the execution that a push starts for a service: whoever knows the push knows it too. */
import { createHash } from 'node:crypto';
import type { Push } from '../decisions/pushes.ts';

/** Made from the push, so that its event delivered twice starts nothing twice; a later push of the same image is another. */
export function pushExecutionName(service: string, push: Push): string {
  const identity = [push.registryId, push.repository, push.digest, push.tag, push.pushedAtMs].join('|');
  return `push-${service}-${createHash('sha256').update(identity).digest('hex').slice(0, 20)}`;
}

/** The ARN of another execution of the machine to which this one belongs. */
export const siblingArn = (executionArn: string, name: string): string =>
  `${executionArn.slice(0, executionArn.lastIndexOf(':'))}:${name}`;
