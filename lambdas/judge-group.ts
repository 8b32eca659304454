/** JudgeGroup: the time for the group is up: its round is read once more; a member that did not come ends it for all. */
import { type Sfn, sfn } from './aws/sfn.ts';
import { GroupTimedOut } from './common/errors.ts';
import { jointGroupOf } from './common/service.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { isAfterLastBake, onwards } from './decisions/next-act.ts';
import { getDeployment } from './table/deployments.ts';
import { breakRound, lookAtRound } from './waits/round.ts';

const judgeGroup: Step<{ sfn: Sfn }> = async (journal, ports) => {
  await journal.intend();
  const { deployment } = journal;
  const look = await lookAtRound(deployment, ports);
  if (!look.open && 'failure' in look) throw look.failure;
  if (look.open) {
    const seconds = jointGroupOf(deployment.configuration)?.timeoutSeconds ?? 0;
    const reason = `the group was waited for ${seconds} s; wanting was ${look.waitingFor}`;
    const isBroken = await breakRound(
      deployment,
      reason,
      ports,
      isAfterLastBake(deployment) ? 'shifting' : 'gathering',
    );
    if (isBroken) throw new GroupTimedOut(reason);
  }
  // Decided at the last moment, by whoever came last.
  const record = await getDeployment(ports.table, deployment.deploymentId);
  await journal.done();
  return onwards(record, record.nextTrafficStep ?? 0);
};

export const create = step('JudgeGroup', judgeGroup, { sfn });
export const handler = onLambda(create);
