/** The error with which a deployment that may not go on ends its state. */
import type { StopVerdict } from '../decisions/orders.ts';
import { DeadlinePassed, DeploymentAborted, DeploymentSuperseded, GroupSteppedBack } from './errors.ts';

const STOPS = {
  aborted: DeploymentAborted,
  late: DeadlinePassed,
  superseded: DeploymentSuperseded,
  steppedBack: GroupSteppedBack,
};

export function stopError({ because, reason }: Extract<StopVerdict, { stop: true }>): Error {
  return new STOPS[because](reason);
}
