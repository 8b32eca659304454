/** The health of a target group, read now and judged. */
import type { Elbv2 } from '../aws/elbv2.ts';
import { type HealthVerdict, judgeTargetHealth } from '../decisions/target-health.ts';

/** @param expected how many targets must be healthy */
export async function readTargetHealth(
  elbv2: Elbv2,
  targetGroupArn: string,
  expected: number,
): Promise<HealthVerdict> {
  return judgeTargetHealth(await elbv2.describeTargetHealth(targetGroupArn), { targetGroupArn, expected });
}
