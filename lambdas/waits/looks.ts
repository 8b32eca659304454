/** Every wait of the machine and its look, for those who look again: events and the sweep. */
import { type CloudWatch, cloudwatch } from '../aws/cloudwatch.ts';
import { type Ecr, ecr } from '../aws/ecr.ts';
import { type Ecs, ecs } from '../aws/ecs.ts';
import { type EcsTasks, ecsTasks } from '../aws/ecs-tasks.ts';
import { type Elbv2, elbv2 } from '../aws/elbv2.ts';
import { type Logs, logs } from '../aws/logs.ts';
import { sfn } from '../aws/sfn.ts';
import { audited } from '../common/audited.ts';
import type { Deployment } from '../common/deployment.ts';
import { messageOf } from '../common/step.ts';
import { getDeployment } from '../table/deployments.ts';
import type { OpenWait } from '../table/open-waits.ts';
import { lookAtApproval, lookAtPause } from './approval.ts';
import { lookAtBake } from './bake.ts';
import { lookAtBlue } from './blue.ts';
import { lookAtChecks } from './checks.ts';
import { lookAtGroup } from './group.ts';
import { lookAtImage } from './image.ts';
import type { Look } from './look.ts';
import { lookAtMigration } from './migration.ts';
import { lookAtServiceDeployment, lookAtServiceDeploymentsEnd } from './service-deployment.ts';
import { lookAtStandby } from './standby.ts';
import { lookAtSteadyState } from './steady-state.ts';
import { lookAtStopped } from './stopped.ts';
import { type AnswerPorts, answerWith, lookUnlessStopped } from './wait.ts';

export const LOOK_PORTS = { cloudwatch, ecr, ecs, ecsTasks, elbv2, logs, sfn };

export interface LookPorts extends AnswerPorts {
  readonly now: () => number;
  readonly cloudwatch: CloudWatch;
  readonly ecr: Ecr;
  readonly ecs: Ecs;
  readonly ecsTasks: EcsTasks;
  readonly elbv2: Elbv2;
  readonly logs: Logs;
}

/** State → its look. */
export const LOOKS: Readonly<Record<string, (deployment: Deployment, ports: LookPorts) => Promise<Look>>> = {
  VerifyImage: lookAtImage,
  RunMigration: lookAtMigration,
  RunChecks: lookAtChecks,
  WaitForSteadyState: lookAtSteadyState,
  Bake: lookAtBake,
  WaitForApproval: (deployment) => lookAtApproval(deployment),
  Pause: (deployment) => lookAtPause(deployment),
  WaitForGroup: lookAtGroup,
  Standby: lookAtStandby,
  StopBlue: (deployment, ports) => lookAtStopped(deployment.blue, ports),
  WaitForBlue: lookAtBlue,
  DrainBlue: (deployment, ports) => lookAtStopped(deployment.blue, ports),
  StopGreen: (deployment, ports) => lookAtStopped(deployment.green, ports),
  FollowServiceDeployment: lookAtServiceDeployment,
  StopServiceDeployment: lookAtServiceDeploymentsEnd,
};

/** Looks under way at once: each makes a few calls, and DescribeServices gives an account 20 a second. */
const LOOKS_AT_ONCE = 8;

/** Looks again at each wait and answers those that are decided; one that fails does not keep the others waiting. */
export async function lookAgain(waits: readonly OpenWait[], ports: LookPorts): Promise<void> {
  for (let from = 0; from < waits.length; from += LOOKS_AT_ONCE) {
    await Promise.all(waits.slice(from, from + LOOKS_AT_ONCE).map((wait) => lookAgainAt(wait, ports)));
  }
}

async function lookAgainAt(wait: OpenWait, ports: LookPorts): Promise<void> {
  try {
    const look = LOOKS[wait.state];
    if (!look) throw new Error(`no look is known for state ${wait.state}`);
    const deployment = await getDeployment(ports.table, wait.deploymentId);
    const audit = audited(ports, { ...ports, ...wait, deployment });
    try {
      const seen = await lookUnlessStopped(wait.state, deployment, ports.now(), () =>
        look(deployment, audit.ports),
      );
      await answerWith(seen, wait, ports);
    } finally {
      await audit.flush();
    }
  } catch (error) {
    const { state, deploymentId } = wait;
    ports.log.error('look failed', { state, deploymentId, reason: messageOf(error) });
  }
}
