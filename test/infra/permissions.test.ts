/** The table of permissions, row by row. */
import { describe, expect, it } from 'vitest';
import { type Grant, PERMISSIONS } from '../../infra/permissions.ts';
import type { ServiceReach, StackReach } from '../../infra/reach.ts';

/** ARNs in which a star stands wherever the stack's have one. */
const STACK: StackReach = {
  tableArn: 'table',
  tableStreamArn: 'table/stream/1',
  tableStreamArns: 'table/stream/*',
  eventBusArn: 'event-bus',
  topicArn: 'topic',
  deadLettersArn: 'queue',
  deployedArns: 'parameter/deployed/*',
  stateMachineArn: 'machine',
  executionArns: 'execution:*',
  configurationArns: ['parameter', 'parameter/*'],
  taskDefinitionArns: 'task-definition/*',
  logStreamArns: 'log-group:*',
  userPoolArns: 'userpool/*',
  scalableTargetArns: 'scalable-target/*',
  callCheckArn: 'function',
  wakeDeploymentArn: 'function',
};
const SERVICE: ServiceReach = {
  name: 'orders',
  repositoryArns: ['repository'],
  scannedRepositoryArns: ['repository'],
  signedRepositoryArns: ['repository'],
  taggedRepositoryArns: ['repository'],
  ecsServiceArns: ['service'],
  clusterArns: ['cluster'],
  serviceDeploymentArns: ['service-deployment/*'],
  serviceRevisionArns: ['service-revision/*'],
  taskArns: ['task/*'],
  oneOffTaskArns: ['task/*'],
  migrationDefinitionArns: ['task-definition/*'],
  migrationRoleArns: ['role'],
  checkDefinitionArns: ['task-definition/checks:*'],
  checkRoleArns: ['role'],
  checkerArns: ['function'],
  checkFunctionArns: ['function'],
  productionRuleArns: ['rule'],
  testRuleArns: ['rule'],
  listenerArns: ['listener'],
  roleArns: ['role'],
};

const grants: readonly Grant[] = Object.values(PERMISSIONS)
  .flat()
  .map((permission) => ('onStack' in permission ? permission.onStack(STACK) : permission.onService(SERVICE)));

describe('a permission', () => {
  it('has a reason wherever it has a wildcard', () => {
    const wide = grants.filter(({ resources }) => resources.some((resource) => resource.includes('*')));

    expect(wide.length).toBeGreaterThan(0);
    expect(wide.filter(({ because }) => !because)).toEqual([]);
  });

  it('never deregisters a revision: a rollback may need it', () => {
    const actions = grants.flatMap((grant) => grant.actions);
    expect(actions).toContain('ecs:RegisterTaskDefinition');
    expect(actions.filter((action) => /^(ecs|ecr):\w*(Deregister|Delete)/.test(action))).toEqual([]);
  });

  it('names each action in full', () => {
    const actions = grants.flatMap((grant) => grant.actions);

    expect(actions.filter((action) => !/^[a-z-]+:[A-Z]\w+$/.test(action))).toEqual([]);
  });
});
