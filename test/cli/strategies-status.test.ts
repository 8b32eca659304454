/** `sidestep status` of services that are not two ECS services behind one rule. */
import { afterEach, expect, it } from 'vitest';
import type { ServiceStatus, StatusDocument } from '../../cli/status/facts.ts';
import { startHttpServer } from '../../local/wire/http-server.ts';
import { findScenario } from '../../local/world/scenarios.ts';
import { type Bed, type BedOptions, makeBed } from '../statemachine/bed.ts';
import { FLEET_SERVICE, FLEET_WORLD } from '../statemachine/fleet-service.ts';
import { run } from './command.ts';

let bed: Bed | undefined;
let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  await bed?.close();
});

async function statusIn(options: BedOptions): Promise<ServiceStatus> {
  bed = await makeBed(options);
  const server = await startHttpServer(bed.cloud.endpoint);
  close = () => server.close();
  const words = ['status', 'orders', '--endpoint-url', server.url];
  expect((await run(...words)).stdout).toMatch(/never deployed\n$/);
  const { stdout } = await run(...words, '--json');
  const [service] = (JSON.parse(stdout) as StatusDocument).services;
  if (!service) throw new Error(stdout);
  expect(service.problems).toEqual([]);
  return service;
}

it('shows a native service with both of its target groups, and where ECS has the traffic', async () => {
  const { service, world } = findScenario('native');
  const { sides, places, strategy } = await statusIn({ service, world });
  expect(strategy).toBe('native');
  expect(sides).toHaveLength(1);
  expect(sides[0]).not.toHaveProperty('role');
  expect(sides[0]?.targetGroups.map(({ percent }) => percent)).toEqual([100, 0]);
  expect(sides[0]).toMatchObject({
    runningCount: 2,
    targetGroups: [{ healthyCount: 2 }, { healthyCount: 0 }],
  });
  expect(places).toHaveLength(1);
});

it('shows a fleet by its targets alone, as the side that serves', async () => {
  const { sides } = await statusIn({ service: FLEET_SERVICE, world: FLEET_WORLD });
  const fleet = sides.find(({ kind }) => kind === 'fleet');
  expect(fleet).toMatchObject({ role: 'blue', targetGroups: [{ percent: 100 }] });
  expect(fleet?.targetGroups[0]?.healthyCount).toBeGreaterThan(0);
  expect(fleet).not.toHaveProperty('runningCount');
  expect(sides.find(({ kind }) => kind === 'ecs')).toMatchObject({ role: 'green', desiredCount: 0 });
});

it('shows a consumer that nobody calls by its tasks', async () => {
  const { service, world } = findScenario('recreate');
  const { sides, places } = await statusIn({ service, world });
  expect({ places, groups: sides[0]?.targetGroups }).toEqual({ places: [], groups: [] });
  expect(sides).toMatchObject([{ revision: 'orders:1', digest: expect.stringMatching(/^sha256:/) }]);
});
