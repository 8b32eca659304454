/** The log groups of the next revision: a task whose log group is missing does not start. */
import type { TaskDefinition } from '../../../lambdas/aws/ecs.ts';
import type { ServiceFacts } from '../facts.ts';
import { type Finding, judged, ng, ok } from '../finding.ts';

export function judgeLogs({ logGroups }: Pick<ServiceFacts, 'logGroups'>): Finding[] {
  if (logGroups.length === 0) return [ok('the containers need no log group')];
  const todo = 'create it, or let the container create it (awslogs-create-group)';
  return logGroups.flatMap(({ name, exists }) =>
    judged(exists, { what: `log group ${name}`, todo }, (isThere) =>
      isThere ? [ok(`log group ${name} exists`)] : [ng(`log group ${name} does not exist`, todo)],
    ),
  );
}

/** The groups that have to be there before a container starts. */
export function logGroupsIn(
  { containerDefinitions = [] }: Pick<TaskDefinition, 'containerDefinitions'>,
  region: string,
): string[] {
  const names = containerDefinitions.flatMap(({ logConfiguration }) => {
    const { options = {}, logDriver } = logConfiguration ?? {};
    const isOurs = logDriver === 'awslogs' && options['awslogs-create-group'] !== 'true';
    const isHere = (options['awslogs-region'] ?? region) === region;
    return isOurs && isHere && options['awslogs-group'] ? [options['awslogs-group']] : [];
  });
  return [...new Set(names)];
}
