/** The preflight, asked for on the command line: of a world as it should be, and of the same world after foreign hands. */
import { PutLifecyclePolicyCommand } from '@aws-sdk/client-ecr';
import {
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type TaskDefinition,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { ModifyRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../cli/verify/finding.ts';
import type { Verified } from '../../cli/verify.ts';
import { contentOf } from '../../lambdas/decisions/revision.ts';
import { startHttpServer } from '../../local/wire/http-server.ts';
import * as names from '../../local/world/names.ts';
import { type Bed, makeBed } from '../statemachine/bed.ts';
import { type Ran, run } from './command.ts';

let bed: Bed;
let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  bed = await makeBed({ world: { roles: true } });
  const server = await startHttpServer(bed.cloud.endpoint);
  url = server.url;
  close = () => server.close();
});
afterAll(async () => {
  await close?.();
  await bed?.close();
});

const ask = (...words: string[]): Promise<Ran> => run('verify', ...words, '--endpoint-url', url);

async function verify(): Promise<Verified & { exitCode: number }> {
  const { stdout, exitCode } = await ask('orders', '--json');
  return { ...(JSON.parse(stdout) as Verified), exitCode };
}

/** What one check found, without what is good. */
const complaintsOf = ({ services }: Verified, check: string): Finding[] =>
  (services[0]?.checks.find(({ name }) => name === check)?.findings ?? []).filter(
    ({ status }) => status === 'NG' || status === 'WARN',
  );

const forward = (weights: Record<string, number>) => ({
  Type: 'forward' as const,
  ForwardConfig: {
    TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
  },
});
const [groupA, groupB] = [names.targetGroupOf('orders-a'), names.targetGroupOf('orders-b')];

async function definitionWith(change: Partial<TaskDefinition>): Promise<string> {
  const { ecs } = bed.clients;
  const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'orders' }));
  const { family = '', containerDefinitions, ...content } = contentOf(taskDefinition ?? {});
  const registered = await ecs.send(
    new RegisterTaskDefinitionCommand({ family, containerDefinitions, ...content, ...change }),
  );
  return registered.taskDefinition?.taskDefinitionArn ?? '';
}

// One cloud for all: each test goes on from where the one before left it.
describe('sidestep verify', () => {
  it('finds a world good that a deployment would succeed in, and changes nothing', async () => {
    const before = bed.cloud.endpoint.calls.length;
    const { stdout, stderr, exitCode } = await ask();
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const tree = [
      /^verified in the local cloud at http:\S+; nothing was changed$/,
      /^OK {3}orders$/,
      /^ {2}OK {3}services$/,
      /^ {4}OK {3}orders-a fits strategy all-at-once$/,
      /^ {2}OK {3}image$/,
      /^ {4}OK {3}orders, tags glob v\*: v1 is sha256:\w{64}$/,
      /^ {2}OK {3}roles$/,
      /^ {4}OK {3}Sidestep may pass arn:aws:iam::000000000000:role\/orders-execution$/,
      /^ {2}OK {3}traffic$/,
      /^ {4}OK {3}orders-a has all the traffic$/,
      /^ {2}SKIP quotas$/,
      /^ {2}SKIP drift$/,
      /^\d+ OK, 0 WARN, 0 NG, \d SKIP$/,
    ];
    const lines = stdout.trimEnd().split('\n');
    let from = 0;
    for (const line of tree) {
      const at = lines.findIndex((text, index) => index >= from && line.test(text));
      expect(at, `${line} in\n${stdout}`).toBeGreaterThanOrEqual(from);
      from = at + 1;
    }
    const operations = bed.cloud.endpoint.calls.slice(before).map(({ operation }) => operation);
    expect(operations.length).toBeGreaterThan(20);
    expect(
      operations.filter((name) => !/^(Describe|Get|BatchGet|List|Query|Simulate|\?)/.test(name)),
    ).toEqual([]);
  });

  it('names a service that it does not know, and those that it does', async () => {
    const { exitCode, stdout, stderr } = await ask('order');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/'order' \(did you mean orders\?\)/);
  });

  it('leaves it to a deployment what it moves, and finds nothing moved afterwards', async () => {
    const drift = ({ services }: Verified) =>
      services[0]?.checks.find(({ name }) => name === 'drift')?.findings;
    await bed.push('v2');
    await bed.untilState('Bake');
    const during = await verify();
    expect(during).toMatchObject({ exitCode: 0, counts: { NG: 0, WARN: 0 } });
    expect(drift(during)).toEqual([{ status: 'SKIP', says: expect.stringContaining('is at work') }]);

    await bed.untilEnded();
    const verified = await verify();
    expect(verified).toMatchObject({ exitCode: 0, status: 'OK', counts: { NG: 0, WARN: 0 } });
    expect(drift(verified)).toEqual([
      {
        status: 'OK',
        says: expect.stringMatching(/^weights, task definitions and counts are as orders-\S+ left/),
      },
    ]);
  });

  it('warns of a lifecycle policy that expires what serves', async () => {
    const selection = { tagStatus: 'any', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 };
    const lifecyclePolicyText = JSON.stringify({
      rules: [{ rulePriority: 1, selection, action: { type: 'expire' } }],
    });
    await bed.clients.ecr.send(
      new PutLifecyclePolicyCommand({ repositoryName: 'orders', lifecyclePolicyText }),
    );
    const verified = await verify();
    expect(verified).toMatchObject({ exitCode: 0, status: 'WARN' });
    expect(complaintsOf(verified, 'retention')).toEqual([
      {
        status: 'WARN',
        says: expect.stringMatching(
          /^sha256:\w+ \(orders-b runs it\): rule 1 of the lifecycle policy expires it in 13 d 23 h$/,
        ),
        todo: expect.stringContaining('set image.keepTag: in-use'),
      },
    ]);
  });

  it('notices each thing that something else moved since the last deployment, and says how to stop it', async () => {
    const { ecs, elbv2 } = bed.clients;
    const other = await definitionWith({ cpu: '256' });
    await ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'orders-b', taskDefinition: other }));
    await ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'orders-a', desiredCount: 1 }));
    await elbv2.send(
      new ModifyRuleCommand({
        RuleArn: names.PRODUCTION_RULE_ARN,
        Actions: [forward({ [groupA]: 50, [groupB]: 50 })],
      }),
    );
    const verified = await verify();
    expect(complaintsOf(verified, 'drift')).toEqual([
      {
        status: 'WARN',
        says: expect.stringMatching(
          /has orders-a 50 : orders-b 50; Sidestep last wrote orders-a 0 : orders-b 100$/,
        ),
        todo: expect.stringContaining('ignore_changes = [action]'),
      },
      {
        status: 'WARN',
        says: expect.stringMatching(/^orders-b runs orders:3.*; Sidestep left it with orders:2$/),
        todo: expect.stringContaining('ignore_changes = [task_definition]'),
      },
      {
        status: 'WARN',
        says: 'orders-a has desired count 1; Sidestep left it with 0',
        todo: expect.stringContaining('ignore_changes = [desired_count]'),
      },
    ]);
    expect(complaintsOf(verified, 'traffic')).toEqual([
      {
        status: 'NG',
        says: expect.stringContaining('one side must have all of them'),
        todo: expect.anything(),
      },
    ]);
    expect(verified).toMatchObject({ exitCode: 3, status: 'NG' });
  });

  it('says which role is not listed, which container is missing, and which alarm does not exist', async () => {
    const taskRoleArn = 'arn:aws:iam::000000000000:role/other';
    const taskDefinition = await definitionWith({ taskRoleArn });
    const { ecs, elbv2 } = bed.clients;
    await ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'orders-b', taskDefinition }));
    await elbv2.send(
      new ModifyRuleCommand({
        RuleArn: names.PRODUCTION_RULE_ARN,
        Actions: [forward({ [groupA]: 0, [groupB]: 1 })],
      }),
    );
    await bed.configure({
      checks: { http: [], lambda: [], task: [], alarms: { service: ['nobody'], sides: {} } },
    });
    const verified = await verify();
    expect(complaintsOf(verified, 'roles').map(({ says }) => says)).toEqual([
      `task role ${taskRoleArn} is not in roles`,
      `${taskRoleArn}: there is no such role`,
    ]);
    expect(complaintsOf(verified, 'alarms').map(({ says }) => says)).toEqual(['alarm nobody does not exist']);
    expect(verified.exitCode).toBe(3);
  });
});
