/** Whether a signal can still mean anything to its deployment, or is refused with the reason. */
import type { Deployment, Signal } from '../common/deployment.ts';
import { judgeApproval } from './approval.ts';
import { ordersOf } from './orders.ts';

export type SignalVerdict =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: string };

const accepted: SignalVerdict = { accepted: true };
const refused = (reason: string): SignalVerdict => ({ accepted: false, reason });

export function judgeSignal(signal: Signal, deployment: Deployment): SignalVerdict {
  const { deploymentId, outcome, pointOfNoReturn, succeededAtMs, configuration } = deployment;
  const keepsBlue = configuration.keepBlueSeconds > 0;
  if (outcome) return refused(`${deploymentId} has ended ${outcome}`);
  switch (signal.name) {
    case 'approve':
    case 'reject':
      return judgeAnswer(signal, deployment);
    case 'rollback':
      if (pointOfNoReturn)
        return refused(`${deploymentId} drains blue: deploy the last version again instead`);
      return accepted;
    case 'abort':
      if (succeededAtMs && !keepsBlue) return refused(`green of ${deploymentId} serves already`);
      return pointOfNoReturn ? refused(`${deploymentId} drains blue: green is the only good side`) : accepted;
    case 'promote':
      if (succeededAtMs) return refused(`green of ${deploymentId} has all the traffic already`);
      return isNative(deployment) && !pauses(deployment)
        ? refused(`ECS itself shifts the traffic of ${deploymentId}, and skips no bake`)
        : accepted;
    case 'resume':
      if (pauses(deployment)) return accepted;
      return refused(`${deploymentId} does not pause`);
    default:
      return accepted;
  }
}

const isNative = ({ configuration }: Deployment): boolean => configuration.strategy.type === 'native';

/** By a person's word, or because a comparison said nothing. */
export const pauses = (deployment: Deployment): boolean =>
  Boolean(ordersOf(deployment).pause || deployment.stages.Pause || deployment.pausedBecause);

/** An approval is for one digest and one step, is given once, and in time. */
function judgeAnswer(signal: Signal, { deploymentId, openGate, signals }: Deployment): SignalVerdict {
  if (!openGate) return refused(`${deploymentId} asks for no approval`);
  if (signal.digest !== openGate.digest)
    return refused(`the approval is for ${openGate.digest}; found ${signal.digest}`);
  if (signal.atMs >= openGate.expiresAtMs) {
    const expired = new Date(openGate.expiresAtMs).toISOString();
    return refused(`the approval ${openGate.gate} expired at ${expired}`);
  }
  const given = judgeApproval({ signals, openGate });
  return given.given === 'none' ? accepted : refused(`it was answered already: ${given.reason}`);
}
