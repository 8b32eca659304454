/** Steady state: judged by our own ECS deployment and by every task, never by counts alone. */
import { describe, expect, it } from 'vitest';
import {
  judgeSteadyState,
  type ServiceFacts,
  type TaskFacts,
} from '../../../lambdas/decisions/steady-state.ts';

const OURS = 'ecs-svc/2';
const REVISION = 'arn:aws:ecs:us-east-1:000000000000:task-definition/orders:2';
const expected = { ecsDeploymentId: OURS, revisionArn: REVISION };

const service = (deployment: object = {}, rest: Partial<ServiceFacts> = {}): ServiceFacts => ({
  serviceName: 'orders-b',
  desiredCount: 2,
  runningCount: 2,
  deployments: [
    { id: OURS, status: 'PRIMARY', rolloutState: 'COMPLETED', taskDefinition: REVISION, ...deployment },
  ],
  ...rest,
});
const task = (facts: Partial<TaskFacts> = {}): TaskFacts => ({
  taskArn: 'arn:aws:ecs:us-east-1:000000000000:task/prod/1',
  taskDefinitionArn: REVISION,
  lastStatus: 'RUNNING',
  startedBy: OURS,
  ...facts,
});
const stopped = (facts: Partial<TaskFacts> = {}): TaskFacts =>
  task({ lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', ...facts });

describe('judgeSteadyState', () => {
  it('is steady when our deployment is complete and every task runs our revision', () => {
    expect(judgeSteadyState(service(), [task(), task()], [], expected)).toEqual({
      steady: true,
      taskCount: 2,
    });
  });

  it.each([
    ['our deployment is still in progress', service({ rolloutState: 'IN_PROGRESS' }), [task(), task()]],
    ['a task runs another revision', service(), [task(), task({ taskDefinitionArn: 'orders:1' })]],
    ['a task is still pending', service(), [task(), task({ lastStatus: 'PENDING' })]],
    ['a task is missing', service(), [task()]],
  ])('waits while %s', (_case, facts, running) => {
    expect(judgeSteadyState(facts, running, [], expected)).toMatchObject({ steady: false });
  });

  it('fails when ECS went back to an old revision and calls that complete', () => {
    const rolledBack = service(
      {},
      { deployments: [{ id: 'ecs-svc/3', status: 'PRIMARY', rolloutState: 'COMPLETED' }] },
    );
    expect(judgeSteadyState(rolledBack, [task(), task()], [], expected)).toMatchObject({
      failed: 'replaced',
    });
  });

  it("passes ECS's own reason on when its circuit breaker gave up", () => {
    const failed = service({ rolloutState: 'FAILED', rolloutStateReason: 'tasks failed to start.' });
    const verdict = judgeSteadyState(failed, [], [], expected);
    expect(verdict).toMatchObject({
      failed: 'rolledOut',
      reason: expect.stringContaining('tasks failed to start.'),
    });
  });

  it('says that ECS went back, and whereto, when its circuit breaker did more than give up', () => {
    const back = service(
      { status: 'ACTIVE', rolloutState: 'FAILED', rolloutStateReason: 'tasks failed to start.' },
      {},
    );
    back.deployments?.unshift({ id: 'ecs-svc/1', status: 'PRIMARY', taskDefinition: 'x/orders:1' });
    expect(judgeSteadyState(back, [], [], expected)).toMatchObject({
      failed: 'rolledOut',
      reason: expect.stringMatching(/tasks failed to start\. ECS went back to orders:1/),
    });
  });

  it('knows by the tasks of ours that ECS went back, if that was over before anybody looked', () => {
    const before = { id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' };
    const facts = service({}, { deployments: [before] });
    const known = { ...expected, ecsDeploymentBefore: 'ecs-svc/1' };
    expect(judgeSteadyState(facts, [], [], known)).toMatchObject({ steady: false });
    expect(judgeSteadyState(facts, [], [stopped()], known)).toMatchObject({ failed: 'replaced' });
  });

  it('leaves a rollout in place to the circuit breaker of the service, if that is on', () => {
    const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true } };
    const failures = [stopped(), stopped(), stopped()];
    const inPlace = { ...expected, isInPlace: true };
    const goingOn = service({ rolloutState: 'IN_PROGRESS' }, { deploymentConfiguration });
    expect(judgeSteadyState(goingOn, [], failures, inPlace)).toMatchObject({ steady: false });
    expect(judgeSteadyState(goingOn, [], failures, expected)).toMatchObject({ failed: 'tasks' });
    // Once it is complete ECS judges no more.
    const over = service({}, { deploymentConfiguration });
    expect(judgeSteadyState(over, [], failures, inPlace)).toMatchObject({ failed: 'tasks' });
  });

  it('says what is pending and what is left of before while it waits', () => {
    const goingOn = service({ rolloutState: 'IN_PROGRESS', runningCount: 1, pendingCount: 1 });
    goingOn.deployments?.push({ id: 'ecs-svc/1', status: 'ACTIVE', runningCount: 2 });
    expect(judgeSteadyState(goingOn, [], [], expected)).toMatchObject({
      reason: 'orders-b: 1 of 2 tasks run orders:2, 1 pending, 2 of before, rollout IN_PROGRESS',
    });
  });

  it('gives up after three failed tasks of ours', () => {
    const verdict = judgeSteadyState(service(), [], [stopped(), stopped(), stopped()], expected);
    expect(verdict).toMatchObject({ failed: 'tasks' });
  });

  it('does not count tasks of an earlier deployment, or tasks that scaling stopped', () => {
    const others = [stopped({ startedBy: 'ecs-svc/1' }), stopped({ stopCode: 'UserInitiated' })];
    const scaled = stopped({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Scaling activity initiated by deployment',
    });
    expect(
      judgeSteadyState(service(), [task(), task()], [...others, scaled, scaled], expected),
    ).toMatchObject({ steady: true });
  });

  it('counts tasks that ECS stopped because the load balancer found them unhealthy', () => {
    const unhealthy = stopped({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed ELB health checks in (target-group arn:x)',
    });
    expect(judgeSteadyState(service(), [], [unhealthy, unhealthy, unhealthy], expected)).toMatchObject({
      failed: 'tasks',
    });
  });
});
