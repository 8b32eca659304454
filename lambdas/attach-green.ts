/** AttachGreen: puts green's target group on the rules at weight 0, because ELB health-checks only groups in use. */
import { type Elbv2, elbv2 } from './aws/elbv2.ts';
import type { Deployment, ListenerWrite } from './common/deployment.ts';
import { everywhere, writeWeights } from './common/listener.ts';
import { readWeights } from './common/places.ts';
import { onLambda, type Step, step } from './common/step.ts';

const attachGreen: Step<{ elbv2: Elbv2 }> = async (journal, { elbv2, now }) => {
  const { green, liveWeights, attach: known, configuration } = journal.deployment;
  const attach: ListenerWrite = known ?? {
    from: liveWeights,
    to: everywhere(liveWeights, (live) => ({ ...live, [green.targetGroup]: 0 })),
    intendedAtMs: now(),
  };
  const testTraffic =
    journal.deployment.testTraffic ?? (await testTrafficToGreen(journal.deployment, elbv2, now));
  await journal.intend({ attach, testTraffic });
  await writeWeights(elbv2, attach);
  if (testTraffic) await writeWeights(elbv2, testTraffic);
  await journal.done({ attach: { ...attach, doneAtMs: now() } });
  return { attached: green.targetGroup, testRule: configuration.traffic?.testRule };
};

export const create = step('AttachGreen', attachGreen, { elbv2 });
export const handler = onLambda(create);

/** The test rule, if there is one, sends all its requests to green from the start. */
async function testTrafficToGreen(
  { configuration, blue, green }: Deployment,
  elbv2: Elbv2,
  now: () => number,
): Promise<ListenerWrite | undefined> {
  const testRule = configuration.traffic?.testRule;
  if (!testRule) return undefined;
  const from = await readWeights(elbv2, [testRule]);
  const to = everywhere(from, (live) => ({ ...live, [blue.targetGroup]: 0, [green.targetGroup]: 100 }));
  return { from, to, intendedAtMs: now() };
}
