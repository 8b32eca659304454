/** The user's own world, made by ordinary SDK calls: what a deployment finds, and what it must leave in order. */
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import type { Machines } from '../tasks/machines.ts';
import { createAutoscaling } from './autoscaling.ts';
import { type Balancer, createBalancer } from './balancer.ts';
import type { Clients } from './clients.ts';
import { checkFleet, type Fleet, modulesVariable, startFleet } from './fleet.ts';
import { pushImage } from './image.ts';
import { type Clusters, clustersOf, REPOSITORY } from './names.ts';
import { createNeighbour } from './neighbour.ts';
import { type Controller, DEFAULT_OPTIONS, type FleetOptions, type WorldOptions } from './options.ts';
import { createRoles } from './roles.ts';
import { createServices } from './services.ts';

export { type Clients, createClients } from './clients.ts';
export type { Fleet } from './fleet.ts';
export { type LocalImagePush, type PushedImage, pushImage, SAMPLE_APP } from './image.ts';
export { NEIGHBOUR, NEIGHBOUR_SERVICE } from './neighbour.ts';
export type { AutoscalingOptions, Controller, FleetOptions, NativeOptions, WorldOptions } from './options.ts';

export interface World extends Balancer {
  /** Anything but `rolling`: the one ECS service is `orders`. */
  readonly controller: Controller;
  /** `http://127.0.0.1:PORT` of the production listener. */
  readonly productionUrl: string;
  /** Nothing listens there with a Network Load Balancer. */
  readonly testUrl: string;
  /** A path that users ask for: with a fleet one of its first module's, `/` otherwise. */
  readonly productionPath: string;
  /** With a fleet one of each module's. */
  readonly productionPaths: readonly string[];
  readonly loadBalancer: 'application' | 'network';
  /** False if its services are consumers, which nobody calls. */
  readonly balanced: boolean;
  /** The machines behind target group `orders-a`, if there are any. */
  readonly fleet?: Fleet;
  readonly clusters: Clusters;
  /** The revision that runs v1. */
  readonly taskDefinitionArn: string;
  /** Digest of v1. */
  readonly digest: string;
}

/**
 * Makes the world in an empty account. Its ARNs are those of the example sidestep.yaml. Waits for nothing.
 * @param machines the cloud's, for a world with a fleet
 * @throws Error if options exclude each other, or a fleet has no machines
 */
export async function createWorld(
  clients: Clients,
  options: WorldOptions = {},
  machines?: Machines,
): Promise<World> {
  const all = { ...DEFAULT_OPTIONS, ...options };
  checkFleet(all);
  await clients.ecr.send(
    new CreateRepositoryCommand({
      repositoryName: REPOSITORY,
      imageScanningConfiguration: { scanOnPush: all.scanOnPush },
    }),
  );
  const image = await pushImage(clients, {
    repository: REPOSITORY,
    tag: 'v1',
    environment: { ...all.blueEnvironment, ...(all.fleet && modulesVariable(all.fleet)) },
  });
  const balancer = await createBalancer(clients, all);
  if (all.roles) await createRoles(clients);
  const taskDefinitionArn = await createServices(clients, image.uri, balancer, all);
  if (all.neighbour) await createNeighbour(clients, taskDefinitionArn, all);
  if (all.autoscaling) await createAutoscaling(clients, all.autoscaling, clustersOf(all.clusters));
  const fleet = all.fleet ? makeFleet(clients, all.fleet, { all, balancer, machines }) : undefined;
  return {
    ...balancer,
    controller: all.controller,
    productionUrl: `http://127.0.0.1:${all.ports.production}`,
    testUrl: `http://127.0.0.1:${all.ports.test}`,
    productionPath: all.fleet ? `/${all.fleet.modules[0]}/` : '/',
    productionPaths: all.fleet ? all.fleet.modules.map((module) => `/${module}/`) : ['/'],
    loadBalancer: all.loadBalancer,
    balanced: all.balanced,
    fleet,
    clusters: clustersOf(all.clusters),
    taskDefinitionArn,
    digest: image.digest,
  };
}

/** The fleet runs what v1's image runs, without the image; beside v1 it calls itself `vm`. */
function makeFleet(
  clients: Clients,
  fleet: FleetOptions,
  {
    all,
    balancer,
    machines,
  }: { all: Required<WorldOptions>; balancer: Balancer; machines: Machines | undefined },
): Fleet {
  if (!machines) throw new Error('a world with a fleet needs the machines of its cloud');
  const targetGroupArn = balancer.targetGroups['orders-a'];
  const environment = { VERSION: fleet.serves === false ? 'vm' : 'v1', ...all.blueEnvironment };
  return startFleet({ clients, machines, targetGroupArn }, fleet, environment);
}
