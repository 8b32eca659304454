/** The migration: once per deployment, before anything of green starts, and never cut short but by force. */
import { ListTasksCommand } from '@aws-sdk/client-ecs';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import type { Deployment } from '../../lambdas/common/deployment.ts';
import { type Bed, makeBed } from './bed.ts';
import { killPoints } from './kill-points.ts';

let bed: Bed;
afterEach(() => bed?.close());

const MIGRATION = { migration: { command: ['sidestep:sample-app', 'task'], timeout: '10m' } };

async function record(): Promise<Deployment> {
  const [first] = await bed.deployments();
  if (!first) throw new Error('there is no deployment');
  return first;
}

/** The migration tasks that ECS still knows, in any status. */
async function migrations(): Promise<string[]> {
  const lists = await Promise.all(
    (['RUNNING', 'STOPPED'] as const).map((desiredStatus) =>
      bed.clients.ecs.send(
        new ListTasksCommand({ cluster: 'prod', startedBy: 'sidestep/orders/migration', desiredStatus }),
      ),
    ),
  );
  return lists.flatMap(({ taskArns = [] }) => taskArns);
}

/** Ends the first try of RunMigration. */
function interruptFirst(interruption: { afterCalls: number; as: 'exit' | 'hang' }): void {
  let isDone = false;
  bed.cloud.interrupt((name) => {
    if (isDone || !/RunMigration/.test(name)) return undefined;
    isDone = true;
    return interruption;
  });
}

async function expectUntouched(): Promise<void> {
  const [blue, green] = await bed.sides();
  expect(blue).toMatchObject({ percent: 100, healthyCount: 2 });
  expect(green).toMatchObject({ percent: 0, runningCount: 0 });
  expect(await bed.items('locks')).toEqual([]);
}

describe('a migration', () => {
  it('of the new revision ends before green starts, and its end stands in the record', async () => {
    bed = await makeBed({ service: MIGRATION });
    await bed.push('v2', { TASK_MS: '40000' });
    await bed.untilState('RunMigration');
    await bed.pass(20);
    expect(await bed.service('orders-b')).toMatchObject({ desiredCount: 0, runningCount: 0 });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    const { migration, migrationTaskArn, stages, reason } = await record();
    expect(reason).toMatch(
      /serves all the traffic; the migration exited with code 0, its last line: "task done"/,
    );
    expect(migration).toEqual({
      taskArn: migrationTaskArn,
      exitCode: 0,
      lastLogLines: ['task of version v2 begins', 'task done'],
    });
    expect(await migrations()).toHaveLength(1);
    // The event of its end wakes the deployment: no minute is lost.
    const ranMs = (stages.StartGreen?.intendedAtMs ?? 0) - (stages.RunMigration?.intendedAtMs ?? 0);
    expect(ranMs).toBeGreaterThanOrEqual(40_000);
    expect(ranMs).toBeLessThan(45_000);
  });

  it('that fails ends the deployment before green starts, with its exit code and last lines', async () => {
    bed = await makeBed({ service: MIGRATION });
    await bed.push('v2', { TASK_MS: '5000', TASK_EXIT_CODE: '3' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ROLLBACK_SUCCESSFUL' });
    expect(execution?.cause).toMatch(/MigrationFailed: .*app exited with code 3.*relation "orders" already/s);
    expect(await record()).toMatchObject({ migration: { exitCode: 3 } });
    expect(await bed.statesOf(execution?.executionArn ?? '')).not.toContain('StartGreen');
    await expectUntouched();
  });

  it('whose time is up is stopped, and has ended before the deployment steps back', async () => {
    bed = await makeBed({ service: { migration: { ...MIGRATION.migration, timeout: '90s' } } });
    await bed.push('v2', { TASK_MS: '3600000' });

    const [execution] = await bed.untilEnded();

    expect(execution?.cause).toMatch(/MigrationFailed: .*did not end within 90 s/);
    const { stages, endedAtMs = 0, migration } = await record();
    expect(endedAtMs - (stages.RunMigration?.intendedAtMs ?? 0)).toBeLessThan(90_000 + 60_000 + 10_000);
    expect(migration).toMatchObject({ exitCode: 143 });
    await expectUntouched();
  });
});

describe('an abort', () => {
  it('waits for a migration that runs, then steps back', async () => {
    bed = await makeBed({ service: MIGRATION });
    await bed.push('v2', { TASK_MS: '120000' });
    await bed.untilState('RunMigration');
    await bed.pass(10);
    await bed.signal('abort', { reason: 'wrong day' });
    await bed.pass(60);
    expect((await bed.executions())[0]).toMatchObject({ status: 'RUNNING' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'FAILED', error: 'STOPPED' });
    expect(execution?.cause).toMatch(/DeploymentAborted: abort by .*wrong day/);
    expect(await record()).toMatchObject({ outcome: 'STOPPED', migration: { exitCode: 0 } });
    expect(await bed.statesOf(execution?.executionArn ?? '')).not.toContain('StartGreen');
    await expectUntouched();
  });

  it('that is forced stops it', async () => {
    bed = await makeBed({ service: MIGRATION });
    await bed.push('v2', { TASK_MS: '500000' });
    await bed.untilState('RunMigration');
    await bed.pass(10);
    const saidAtMs = bed.cloud.clock.now();
    await bed.signal('abort', { reason: 'it locks the table', force: true });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'FAILED', error: 'STOPPED' });
    expect(execution?.cause).toMatch(/DeploymentAborted: abort by .*it locks the table.*was stopped/);
    const { endedAtMs = 0, migration } = await record();
    expect(endedAtMs - saidAtMs).toBeLessThan(5_000);
    expect(migration).toMatchObject({ exitCode: 143 });
    await expectUntouched();
  });

  it('that came before the task starts none', async () => {
    bed = await makeBed({ service: MIGRATION });
    interruptFirst({ afterCalls: 1, as: 'hang' });
    await bed.push('v2', { TASK_MS: '500000' });
    await bed.untilState('RunMigration');
    await bed.pass(10);
    await bed.signal('abort', { reason: 'not this one' });

    const [execution] = await bed.untilEnded();

    expect(execution?.cause).toMatch(/DeploymentAborted/);
    expect(await migrations()).toEqual([]);
    await expectUntouched();
  });
});

describe('whatever happens to its function, one migration runs', () => {
  it.each(killPoints(11))('killed after call %i', async (afterCalls) => {
    bed = await makeBed({ service: MIGRATION });
    interruptFirst({ afterCalls, as: 'exit' });
    await bed.push('v2', { TASK_MS: '40000' });

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    expect(await migrations()).toHaveLength(1);
  });

  it('and an execution that is stopped meanwhile is recovered without a second one', async () => {
    bed = await makeBed({ service: MIGRATION });
    await bed.push('v2', { TASK_MS: '240000' });
    await bed.stopIn('RunMigration');
    await bed.untilEnded(2);
    await bed.pass(30);
    expect(await record()).toMatchObject({ outcome: 'ROLLBACK_SUCCESSFUL' });
    expect((await migrations()).length).toBeLessThanOrEqual(1);
    await expectUntouched();
  });

  it('and the next deployment starts none beside one that an execution left behind', async () => {
    bed = await makeBed({ service: MIGRATION });
    await bed.push('v2', { TASK_MS: '600000' });
    await bed.untilState('RunMigration');
    await bed.pass(10);
    const [{ executionArn = '' } = {}] = await bed.executions();
    await bed.clients.sfn.send(new StopExecutionCommand({ executionArn }));
    await bed.untilEnded(2);

    await bed.push('v3', { TASK_MS: '1000' });
    const executions = await bed.untilEnded(3);

    expect(executions.at(-1)?.cause).toMatch(
      /MigrationStillRuns: the migration of an earlier deployment has not ended/,
    );
    expect(await migrations()).toHaveLength(1);
    await expectUntouched();
  });
});
