/** What a demo says of a deployment that does not end. */
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../local/clock/clock.ts';
import { createScaledClock } from '../../local/clock/scaled-clock.ts';
import { type DiagnosisSetting, diagnose } from '../../local/demo/diagnosis.ts';
import { runScenario } from '../../local/demo/run-scenario.ts';
import { AwsError } from '../../local/wire/aws-error.ts';
import { exampleAssembly } from '../assembly.ts';
import { type Bed, makeBed } from '../statemachine/bed.ts';
import { watchingProcesses } from '../zero-downtime/processes.ts';

let bed: Bed;
afterEach(() => bed?.close());

async function diagnosed(): Promise<string> {
  const { TableNames: [TableName = ''] = [] } = await bed.clients.dynamodb.send(new ListTablesCommand({}));
  const { cloud, clients } = bed;
  const deployed: DiagnosisSetting['deployed'] = {
    stackName: 'Sidestep',
    outputs: { TableName },
    resources: new Map(),
  };
  // On the cloud's own clock, which nobody runs here, no limit would ever pass.
  return (await diagnose({ cloud, clients, deployed, wall: createScaledClock() })).join('\n');
}

describe('the diagnosis of a deployment that stands in a wait', () => {
  it('says what is waited for, since when, and what ECS has to say', async () => {
    bed = await makeBed();
    await bed.push('v2', { EXIT_CODE: '1' });
    await bed.untilState('WaitForSteadyState');
    await bed.pass(2);

    const text = await diagnosed();

    expect(text).toMatch(
      /^open waits:\n {2}WaitForSteadyState of orders \(.+\), open for \d s of cloud time, woken by .+orders-b$/m,
    );
    expect(text).toMatch(/^the last look found that it waits for:\n {2}[\d:.]+ \S+/m);
    expect(text).toMatch(/^ {2}orders-b: 2 wanted, 0 running, \d pending$/m);
    expect(text).toMatch(/deployment ecs-svc\/\d+ PRIMARY IN_PROGRESS, \d failed tasks/);
    expect(text).toMatch(
      /task \w+ \w+ \(to be STOPPED\); EssentialContainerExited: .*container app STOPPED, exit code 1/,
    );
    expect(text).toMatch(/\(service orders-b\) has started 2 tasks/);
    expect(text).toMatch(/^newest API call of a function:\n {2}[\d:.]+ \S+ \w+:\w+$/m);
    expect(text).toMatch(/^faults of the local cloud: none$/m);
  });

  it('names failed calls, what the functions complained of, and faults', async () => {
    bed = await makeBed();
    bed.cloud.endpoint.intercept({
      before({ caller, operation }) {
        if (operation === 'DescribeServices' && /WaitForSteadyState/.test(caller))
          throw new AwsError('AccessDeniedException', 'not today', { statusCode: 400 });
      },
    });
    await bed.push('v2', { BOOT_MS: '3600000' });
    await bed.untilState('WaitForSteadyState');
    await bed.pass(2);
    (bed.cloud.faults as unknown[]).push(new Error('a bug of the local cloud'));

    const text = await diagnosed();

    expect(text).toMatch(
      /^failed API calls:\n(.*\n)*? {2}[\d:.]+ \S*WaitForSteadyState\S* ecs:DescribeServices AccessDeniedException$/m,
    );
    expect(text).toMatch(/^error lines of the functions:\n(.*\n)*?.*first look failed.*not today/m);
    expect(text).toMatch(/^faults of the local cloud:\n {2}a bug of the local cloud$/m);
  });

  it('tells no task token', async () => {
    bed = await makeBed();
    await bed.push('v2', { BOOT_MS: '3600000' });
    await bed.untilState('WaitForSteadyState');
    await bed.pass(2);
    const [wait] = await bed.items('waits');

    const text = await diagnosed();

    expect(wait?.taskToken).toEqual(expect.stringMatching(/.{20}/));
    expect(text).toContain('WaitForSteadyState of orders');
    expect(text).not.toContain(String(wait?.taskToken));
  });

  it('is given although the cloud answers nothing any more, and says that', async () => {
    bed = await makeBed();
    bed.cloud.endpoint.intercept({ before: () => new Promise(() => {}) });
    const clock = createScaledClock();
    const wall: Clock = {
      ...clock,
      setWallTimer: (delayMs, fire) => clock.setWallTimer(delayMs / 100, fire),
    };
    const deployed = { stackName: 'Sidestep', outputs: { TableName: 't' }, resources: new Map() };

    const lines = await diagnose({ cloud: bed.cloud, clients: bed.clients, deployed, wall });

    expect(lines.join('\n')).toMatch(/^open waits:\n {2}could not be read: waits: no answer within 5 s$/m);
    expect(lines.join('\n')).toMatch(/^ECS services:\n {2}could not be read: ECS: no answer within 5 s$/m);
  });
});

describe('a demo whose time is up', () => {
  it('fails with where it stood and the diagnosis, and leaves no process behind', async () => {
    const { result: error, alive } = await watchingProcesses(() =>
      runScenario('bad-health', {
        limitSeconds: 0.5,
        leadSeconds: 0,
        rate: 20,
        assemblyDirectory: exampleAssembly(),
      }).then(
        () => undefined,
        (thrown: Error) => thrown,
      ),
    );

    expect(error?.message).toMatch(/^the deployment did not end within 0\.5 s: /);
    expect(error?.message).toMatch(/^ {2}faults of the local cloud: none$/m);
    expect(error?.message).toMatch(/^ {4}orders-b: \d wanted/m);
    expect(error?.message).toMatch(/^ {2}cloud time is [\d:.]+$/m);
    expect(alive()).toEqual([]);
  }, 120_000);
});
