/** WaitForApproval: a person's word before traffic moves, for this digest and this step. */
import { type Sfn, sfn } from './aws/sfn.ts';
import type { OpenGate } from './common/deployment.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { lookAtApproval } from './waits/approval.ts';
import { waitFor } from './waits/wait.ts';

const waitForApproval: Step<{ sfn: Sfn }> = async (journal, ports, input) => {
  const { image, trafficSteps, configuration, openGate: known } = journal.deployment;
  const trafficStep = Number(input.trafficStep);
  const gate = trafficSteps[trafficStep]?.gate;
  if (!gate) throw new RangeError(`traffic step ${trafficStep} has no gate`);
  const openedAtMs = ports.now();
  const timeoutMs = (configuration.approval?.timeoutSeconds ?? 0) * 1000;
  const opened: OpenGate = {
    gate,
    trafficStep,
    digest: image.digest,
    openedAtMs,
    expiresAtMs: openedAtMs + timeoutMs,
  };
  const openGate = known?.trafficStep === trafficStep ? known : opened;
  await journal.intend({ openGate, nextTrafficStep: trafficStep });
  const look = () => lookAtApproval(journal.deployment);
  return waitFor([], look, journal, input, { ...ports, state: 'WaitForApproval' });
};

export const create = step('WaitForApproval', waitForApproval, { sfn });
export const handler = onLambda(create);
