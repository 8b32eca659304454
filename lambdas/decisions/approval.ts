/** Whether the approval that is asked for has been given: for this digest and this traffic step, or not at all. */
import { type Deployment, isAnswer } from '../common/deployment.ts';
import { describeSignal } from './orders.ts';

export type ApprovalVerdict =
  | { readonly given: 'none' }
  | { readonly given: 'approved' | 'rejected'; readonly reason: string };

type Facts = Pick<Deployment, 'signals' | 'openGate'>;

export function judgeApproval({ signals, openGate }: Facts): ApprovalVerdict {
  if (!openGate) return { given: 'none' };
  const answers = Object.values(signals)
    .filter(isAnswer)
    .filter(({ atMs, digest, trafficStep }) => {
      const isInTime = atMs >= openGate.openedAtMs && atMs < openGate.expiresAtMs;
      return isInTime && digest === openGate.digest && trafficStep === openGate.trafficStep;
    })
    .sort((a, b) => a.atMs - b.atMs);
  const [first] = answers;
  if (!first) return { given: 'none' };
  return { given: first.name === 'approve' ? 'approved' : 'rejected', reason: describeSignal(first) };
}
