/** What a preflight looks with: ports that only read, with the caller's credentials. */
import { applicationAutoScaling } from '../../lambdas/aws/application-autoscaling.ts';
import { cloudwatch } from '../../lambdas/aws/cloudwatch.ts';
import { dynamodb } from '../../lambdas/aws/dynamodb.ts';
import { ecr } from '../../lambdas/aws/ecr.ts';
import { ecs } from '../../lambdas/aws/ecs.ts';
import { elbv2 } from '../../lambdas/aws/elbv2.ts';
import { roleOfState } from '../../lambdas/aws/functions.ts';
import { iam } from '../../lambdas/aws/iam.ts';
import { loadBalancers } from '../../lambdas/aws/load-balancers.ts';
import { hasLogGroup } from '../../lambdas/aws/log-groups.ts';
import { hasParameter } from '../../lambdas/aws/parameter-names.ts';
import { repositories } from '../../lambdas/aws/repositories.ts';
import { hasSecret } from '../../lambdas/aws/secrets-manager.ts';
import { listQuotas } from '../../lambdas/aws/service-quotas.ts';
import type { ConnectedStack } from '../stack.ts';

export type VerifyPorts = ReturnType<typeof verifyPorts>;

/** @param nowMs the stack's own time */
export function verifyPorts(
  { runtime, stateMachineArn }: Pick<ConnectedStack, 'runtime' | 'stateMachineArn'>,
  nowMs: number,
) {
  return {
    autoscaling: applicationAutoScaling(runtime),
    cloudwatch: cloudwatch(runtime),
    ecr: ecr(runtime),
    ecs: ecs(runtime),
    elbv2: elbv2(runtime),
    iam: iam(runtime),
    loadBalancers: loadBalancers(runtime),
    repositories: repositories(runtime),
    table: dynamodb(runtime),
    hasLogGroup: (name: string) => hasLogGroup(runtime, name),
    hasSecret: (id: string) => hasSecret(runtime, id),
    listQuotas: (serviceCode: string) => listQuotas(runtime, serviceCode),
    hasParameter: (name: string) => hasParameter(runtime, name),
    roleOfState: (name: string) => roleOfState(runtime, stateMachineArn, name),
    now: () => nowMs,
    /** `arn:aws:states:REGION:ACCOUNT:…` */
    region: stateMachineArn.split(':')[3] ?? '',
    ownAccount: stateMachineArn.split(':')[4] ?? '',
  };
}
