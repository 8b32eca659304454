/** A native deployment of real processes on the scaled clock, with a hook that is a process too. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  RegisterTaskDefinitionCommand,
  type ServiceDeployment,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { expect, it, onTestFinished } from 'vitest';
import { localArn } from '../../../local/arns.ts';
import { freePorts } from '../../../local/demo/free-ports.ts';
import { type RunningCloud, startLocalCloud } from '../../../local/start.ts';
import { createClients, createWorld, pushImage } from '../../../local/world/index.ts';
import { CLUSTER, SERVICE } from '../../../local/world/names.ts';

const HOOK_ARN = localArn('lambda', 'function:checks');

/** Waits once, as a check that needs time, and then lets the deployment go on. */
const SOURCE = `
export const create = () => handler;
export const handler = async ({ hookDetails }) =>
  hookDetails.asked ? { hookStatus: 'SUCCEEDED' } : { hookStatus: 'IN_PROGRESS', callBackDelay: 10, hookDetails: { asked: true } };
`;

function registerHook({ lambda }: RunningCloud): void {
  const codeDirectory = mkdtempSync(join(tmpdir(), 'sidestep-hook-'));
  writeFileSync(join(codeDirectory, 'index.mjs'), SOURCE);
  lambda.register({
    functionName: 'checks',
    functionArn: HOOK_ARN,
    codeDirectory,
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 10,
    memoryMegabytes: 128,
    logGroupName: '/aws/lambda/checks',
    roleArn: 'arn:aws:iam::000000000000:role/checks',
    runtime: 'nodejs24.x',
    architectures: ['arm64'],
  });
}

it('shifts real requests between real processes, and waits for hook and person', async () => {
  const cloud = await startLocalCloud({ factor: 20 });
  const clients = createClients(cloud.clientConfiguration('person'));
  onTestFinished(async () => {
    clients.close();
    await cloud.close();
  });
  registerHook(cloud);
  const [production = 0, test = 0] = await freePorts([0, 0]);
  const world = await createWorld(clients, {
    controller: 'native-canary',
    ports: { production, test },
    native: { bakeTimeInMinutes: 0, canaryConfiguration: { canaryPercent: 50, canaryBakeTimeInMinutes: 1 } },
    lifecycleHooks: [
      {
        hookTargetArn: HOOK_ARN,
        roleArn: 'arn:aws:iam::000000000000:role/hooks',
        lifecycleStages: ['POST_SCALE_UP'],
      },
      { targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] },
    ],
  });
  const look = async (): Promise<ServiceDeployment> => {
    const { services = [] } = await clients.ecs.send(
      new DescribeServicesCommand({ cluster: CLUSTER, services: [SERVICE] }),
    );
    const { serviceDeployments = [] } = await clients.ecs.send(
      new DescribeServiceDeploymentsCommand({
        serviceDeploymentArns: [services[0]?.currentServiceDeployment ?? ''],
      }),
    );
    return serviceDeployments[0] as ServiceDeployment;
  };
  const statuses: Record<string, number> = {};
  const versions = new Set<string>();
  const request = async (url: string): Promise<string> => {
    const response = await fetch(`${url}/orders/1`);
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    const { version } = (await response.json()) as { version: string };
    return version;
  };
  const until = async (
    holds: (deployment: ServiceDeployment) => boolean,
    isServing = true,
  ): Promise<void> => {
    for (let found = await look(); !holds(found); found = await look()) {
      if (found.statusReason) throw new Error(found.statusReason);
      if (isServing) versions.add(await request(world.productionUrl));
      await cloud.clock.sleep(500);
    }
  };
  await until(({ status }) => status === 'SUCCESSFUL', false);
  const { uri } = await pushImage(clients, { repository: 'orders', tag: 'v2' });
  const { taskDefinition } = await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'orders',
      networkMode: 'bridge',
      containerDefinitions: [
        { name: 'app', image: uri, portMappings: [{ containerPort: 8080, hostPort: 0 }] },
      ],
    }),
  );
  await clients.ecs.send(
    new UpdateServiceCommand({
      cluster: CLUSTER,
      service: SERVICE,
      taskDefinition: taskDefinition?.taskDefinitionArn,
    }),
  );

  const isPaused = ({ lifecycleHookDetails = [] }: ServiceDeployment): boolean =>
    lifecycleHookDetails.some(({ status }) => status === 'AWAITING_ACTION');
  await until(isPaused);
  expect(await request(world.testUrl)).toBe('v2');
  expect([...versions]).toEqual(['v1']);
  const { serviceDeploymentArn, lifecycleHookDetails = [] } = await look();
  const hookId = lifecycleHookDetails.find(({ targetType }) => targetType === 'PAUSE')?.hookId;
  await clients.ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId }));
  await until(({ status }) => status !== 'IN_PROGRESS');

  expect(await look()).toMatchObject({ status: 'SUCCESSFUL' });
  expect(await request(world.productionUrl)).toBe('v2');
  expect(Object.keys(statuses)).toEqual(['200']);
  expect(cloud.faults).toEqual([]);
});
