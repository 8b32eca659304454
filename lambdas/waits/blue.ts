/** The look of WaitForBlue: does the old revision run again in its old count, and nothing else? */

import type { Table } from '../aws/dynamodb.ts';
import type { Ecs, Service } from '../aws/ecs.ts';
import type { Deployment } from '../common/deployment.ts';
import { measureDowntime } from '../common/downtime.ts';
import { EcsDeploymentFailed } from '../common/errors.ts';
import { foreignUpdateOf } from '../common/in-place.ts';
import { noteProgress } from '../table/deployments.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';

interface BluePorts {
  readonly ecs: Ecs;
  readonly table: Table;
}

export async function lookAtBlue(deployment: Deployment, ports: BluePorts): Promise<Look> {
  const { blue } = deployment;
  const service = await ports.ecs.describeService(blue.cluster, blue.service);
  const foreign = foreignUpdateOf(service, deployment);
  if (foreign) return failed(foreign);
  const primary = service.deployments?.find(({ status }) => status === 'PRIMARY');
  const isOurs = primary?.taskDefinition === blue.taskDefinitionArn;
  if (isOurs && primary.rolloutState === 'COMPLETED' && hasItsTasks(service, deployment)) {
    const downtime = await measureDowntime(deployment, 'blue', ports);
    if (downtime.downtimes) await noteProgress(ports.table, deployment, downtime);
    return answered({ taskCount: service.runningCount ?? 0 });
  }
  if (isOurs && primary.rolloutState === 'FAILED') {
    const reason = `ECS gave up ${blue.service} on its old revision too: ${primary.rolloutStateReason}`;
    return failed(new EcsDeploymentFailed(reason));
  }
  const { runningCount = 0, pendingCount = 0, desiredCount = 0 } = service;
  const counts = `${runningCount} of ${desiredCount} tasks of ${blue.service} run, ${pendingCount} pending`;
  return stillOpen(`${counts}, rollout ${primary?.rolloutState}`);
}

/** A read from before the count was given back would call 0 of 0 complete. */
function hasItsTasks({ runningCount, desiredCount = 0 }: Service, { blue }: Deployment): boolean {
  return runningCount === desiredCount && (desiredCount > 0 || blue.desiredCount === 0);
}
