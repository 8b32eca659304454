/** The ECS services: active, registered where the configuration says, and of a controller that fits the strategy. */
import type { Service } from '../../../lambdas/aws/ecs.ts';
import { problemWith } from '../../../lambdas/resolution/sides.ts';
import type { ServiceFacts } from '../facts.ts';
import { type Finding, judged, ng, ok } from '../finding.ts';

const ROLLOUT = { minimumHealthyPercent: 100, maximumPercent: 200 };

export function judgeController({
  sides,
  configuration,
}: Pick<ServiceFacts, 'sides' | 'configuration'>): Finding[] {
  return sides.flatMap(({ side, name, service: fact }) => {
    if (!fact) return [ok(`${name} is a fleet, which ECS does not run`)];
    return judged(fact, { what: name, todo: 'create it, or correct sides in sidestep.yaml' }, (service) => {
      const problem = problemWith(side, service, configuration);
      if (problem)
        return [
          ng(
            `ECS service ${name} ${problem}`,
            `correct it, or the strategy (${configuration.strategy.type})`,
          ),
        ];
      return [ok(`${name} fits strategy ${configuration.strategy.type}`), ...judgeRollout(name, service)];
    });
  });
}

/** Bounds between which ECS may neither stop a task nor start one: an update would stand still for ever. */
function judgeRollout(name: string, { desiredCount = 0, deploymentConfiguration }: Service): Finding[] {
  const minimum = deploymentConfiguration?.minimumHealthyPercent ?? ROLLOUT.minimumHealthyPercent;
  const maximum = deploymentConfiguration?.maximumPercent ?? ROLLOUT.maximumPercent;
  const floor = Math.ceil((minimum * desiredCount) / 100);
  const ceiling = Math.floor((maximum * desiredCount) / 100);
  if (desiredCount === 0 || floor < desiredCount || ceiling > desiredCount) return [];
  return [
    ng(
      `ECS can replace no task of ${name}: of ${desiredCount} at least ${floor} must run and at most ${ceiling} may`,
      'lower minimumHealthyPercent, or raise maximumPercent, of the ECS service',
    ),
  ];
}
