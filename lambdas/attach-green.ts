/** AttachGreen: puts green's target group on the rules at weight 0, because ELB health-checks only groups in use. */
import { type Elbv2, elbv2 } from './aws/elbv2.ts';
import { attachmentOf, testTrafficOf } from './common/attachment.ts';
import { writeWeights } from './common/listener.ts';
import { onLambda, type Step, step } from './common/step.ts';

const attachGreen: Step<{ elbv2: Elbv2 }> = async (journal, { elbv2, now }) => {
  const { green, attach: known, configuration } = journal.deployment;
  const attach = known ?? attachmentOf(journal.deployment, now());
  const testTraffic =
    journal.deployment.testTraffic ?? (await testTrafficOf(journal.deployment, elbv2, now()));
  await journal.intend({ attach, testTraffic });
  await writeWeights(elbv2, attach);
  if (testTraffic) await writeWeights(elbv2, testTraffic);
  const doneAtMs = now();
  await journal.done({
    attach: { ...attach, doneAtMs },
    testTraffic: testTraffic && { ...testTraffic, doneAtMs },
  });
  return { attached: green.targetGroup, testRule: configuration.traffic?.testRule };
};

export const create = step('AttachGreen', attachGreen, { elbv2 });
export const handler = onLambda(create);
