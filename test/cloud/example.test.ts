/** The example configuration as CDK synthesizes it, in the local cloud: a pushed tag that matches starts the real machine. */
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import { exampleAssembly } from '../assembly.ts';
import { type Mode, startCloud, type TestCloud } from './clouds.ts';

const MODES: Mode[] = ['virtual', 'processes at twenty times the speed'];

async function push(cloud: TestCloud, imageTag: string): Promise<void> {
  const ecr = new ECRClient(cloud.clientConfiguration('person'));
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'orders' }));
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {},
    layers: [],
  };
  const imageManifest = JSON.stringify(manifest);
  await ecr.send(new PutImageCommand({ repositoryName: 'orders', imageTag, imageManifest }));
}

/** What the machine did: the names of the states that it entered, and how it ended. */
function follow(cloud: TestCloud) {
  const entered: string[] = [];
  const ended: string[] = [];
  cloud.states.onHistoryEvent((_arn, event) => {
    if (event.stateEnteredEventDetails?.name) entered.push(event.stateEnteredEventDetails.name);
    if (/^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(event.type ?? '')) ended.push(event.type ?? '');
  });
  return { entered, ended };
}

describe.each(MODES)('the example configuration (%s)', (mode) => {
  it('is wired as a whole, and a matching push makes the machine resolve a deployment by its real handlers', async () => {
    const cloud = await startCloud(mode);
    const { outputs } = await cloud.deploy(exampleAssembly());
    cloud.enforcePolicies();
    const machine = follow(cloud);

    await push(cloud, 'v1');
    await cloud.until(() => machine.ended.length > 0, 3600);

    // There are no ECS services here: the machine says so, and changes nothing.
    expect(outputs).toHaveProperty('StateMachineArn');
    expect(machine.entered[0]).toBe('ResolveDeployment');
    expect(machine.ended).toEqual(['ExecutionFailed']);
    const denied = cloud.endpoint.calls.filter(({ error }) => error === 'AccessDeniedException');
    expect(denied).toEqual([]);
    expect(cloud.faults).toEqual([]);
  });
});
