/** What a plan looks with: the handlers' own ports, with the caller's credentials. */
import { applicationAutoScaling } from '../../lambdas/aws/application-autoscaling.ts';
import { cloudwatch } from '../../lambdas/aws/cloudwatch.ts';
import { dynamodb } from '../../lambdas/aws/dynamodb.ts';
import { ecr } from '../../lambdas/aws/ecr.ts';
import { ecs } from '../../lambdas/aws/ecs.ts';
import { elbv2 } from '../../lambdas/aws/elbv2.ts';
import { ssm } from '../../lambdas/aws/ssm.ts';
import { targetGroups } from '../../lambdas/aws/target-groups.ts';
import type { Runtime } from '../../lambdas/common/runtime.ts';
import { dryAutoScaling, dryTable } from './dry-ports.ts';

export type PlanPorts = ReturnType<typeof planPorts>;

export function planPorts(runtime: Runtime) {
  return {
    autoscaling: dryAutoScaling(applicationAutoScaling(runtime)),
    cloudwatch: cloudwatch(runtime),
    ecr: ecr(runtime),
    ecs: ecs(runtime),
    elbv2: elbv2(runtime),
    ssm: ssm(runtime),
    table: dryTable(dynamodb(runtime)),
    targetGroups: targetGroups(runtime),
    now: runtime.now,
  };
}
