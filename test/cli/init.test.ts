/** The configuration that is written from what runs: of one local cloud, read back as `cdk synth` reads it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateServiceCommand } from '@aws-sdk/client-ecs';
import { ModifyRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigurationFile } from '../../infra/configuration-file.ts';
import { createVirtualCloud, type VirtualCloud } from '../../local/virtual.ts';
import { startHttpServer } from '../../local/wire/http-server.ts';
import { type Clients, createClients, createWorld, type World } from '../../local/world/index.ts';
import * as names from '../../local/world/names.ts';
import { type Ran, run } from './command.ts';

let cloud: VirtualCloud;
let clients: Clients;
let world: World;
let url: string;
let close: () => Promise<void>;
const directory = mkdtempSync(join(tmpdir(), 'sidestep-init-'));
const file = join(directory, 'sidestep.yaml');

// No Sidestep is deployed: that is when the file is written.
beforeAll(async () => {
  cloud = await createVirtualCloud({ seed: 'init' });
  clients = createClients(cloud.clientConfiguration('person'));
  world = await createWorld(clients);
  const server = await startHttpServer(cloud.endpoint);
  url = server.url;
  close = () => server.close();
});
afterAll(async () => {
  await close?.();
  clients?.close();
  await cloud?.close();
  rmSync(directory, { recursive: true });
});

const init = (...words: string[]): Promise<Ran> =>
  run('init', '--cluster', 'prod', ...words, '--output', file, '--endpoint-url', url);
const BOTH = ['--service', 'orders-a', '--service', 'orders-b'];

describe('sidestep init', () => {
  it('writes the two sides of a service, with the roles, rules and checks that are there', async () => {
    const before = cloud.endpoint.calls.length;
    const { exitCode, stdout } = await init(...BOTH);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${file} was written: orders\n` });
    const [written, ...others] = readConfigurationFile(file).services;
    expect(others).toEqual([]);
    const [example] = readConfigurationFile('sidestep.yaml').services;
    expect(written).toEqual({
      ...example,
      // The alarm is the user's own: nothing on the services names it.
      checks: { ...example?.checks, alarms: { service: [], sides: {} } },
      roles: expect.arrayContaining([...(example?.roles ?? [])]),
      bakeSeconds: 600,
    });
    const operations = cloud.endpoint.calls.slice(before).map(({ operation }) => operation);
    expect(operations.filter((name) => !/^(Describe|Get|List)/.test(name))).toEqual([]);
  });

  it('says what it guessed where it stands, and asks for what it could not know', () => {
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^# Written by `sidestep init` from what runs in the local cloud/);
    expect(text).toMatch(/# a guess: v1 runs\n +tags:\n +glob: v\*/);
    expect(text).toMatch(/# two services on one load balancer: .*\n.*\n +strategy:/);
    expect(text).toMatch(
      /# what forwards on port 8080 is taken for users' traffic\n +# the rule on port 8081 is taken for the test rule\n +traffic:/,
    );
    expect(text).toMatch(/# no alarms were found: checks.alarms should name .*\n(.*\n)? +orders:/);
  });

  it('overwrites nothing unless it is told to', async () => {
    writeFileSync(file, 'mine');
    const refused = await init(...BOTH);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toMatch(/exists; give --output another file, or --force/);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await init(...BOTH, '--force')).exitCode).toBe(0);
    expect(readConfigurationFile(file).services).toHaveLength(1);
  });

  it('finds out for a whole cluster which services belong together, and prints the document if asked', async () => {
    const [groupA, groupB] = [names.targetGroupOf('orders-a'), names.targetGroupOf('orders-b')];
    const TargetGroups = [groupA, groupB].map((TargetGroupArn, i) => ({ TargetGroupArn, Weight: 1 - i }));
    const Actions = [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }];
    await clients.elbv2.send(new ModifyRuleCommand({ RuleArn: names.PRODUCTION_RULE_ARN, Actions }));
    await clients.ecs.send(
      new CreateServiceCommand({
        cluster: 'prod',
        serviceName: 'Mailer_Queue',
        taskDefinition: world.taskDefinitionArn,
        desiredCount: 1,
      }),
    );
    rmSync(file, { force: true });
    const { exitCode, stdout } = await init('--json');
    expect(exitCode).toBe(0);
    expect(existsSync(file)).toBe(false);
    const { services } = JSON.parse(stdout) as {
      services: Record<string, { strategy: object; sides: object[] }>;
    };
    expect(Object.keys(services).sort()).toEqual(['mailer-queue', 'orders']);
    expect(services.orders).toMatchObject({ strategy: { type: 'all-at-once' }, sides: [{}, {}] });
    expect(services['mailer-queue']).toMatchObject({
      strategy: { type: 'rolling' },
      sides: [{ cluster: 'prod', service: 'Mailer_Queue' }],
    });
  });

  it.each([
    [['--service', 'nobody'], 1, /ECS service nobody in cluster prod is missing/],
    [['--name', 'shop'], 2, /--name needs --service/],
    [[...BOTH, '--service', 'third'], 2, /found 3 of them, allowed are one, or the two sides/],
    [['--service', 'nowhere/orders-a'], 1, /^error: there is no cluster nowhere\n$/],
  ])('%j says what is wrong', async (words, exitCode, complaint) => {
    const ran = await init(...words, '--force');
    expect(ran).toMatchObject({ exitCode, stdout: '' });
    expect(ran.stderr).toMatch(complaint);
  });
});
