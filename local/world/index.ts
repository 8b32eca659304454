/** The user's own world, made by ordinary SDK calls: what a deployment finds, and what it must leave in order. */
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { createAutoscaling } from './autoscaling.ts';
import { type Balancer, createBalancer } from './balancer.ts';
import type { Clients } from './clients.ts';
import { pushImage } from './image.ts';
import { REPOSITORY } from './names.ts';
import { type Controller, DEFAULT_OPTIONS, type WorldOptions } from './options.ts';
import { createServices } from './services.ts';

export { type Clients, createClients } from './clients.ts';
export { type LocalImagePush, type PushedImage, pushImage, SAMPLE_APP } from './image.ts';
export type { AutoscalingOptions, Controller, NativeOptions, WorldOptions } from './options.ts';

export interface World extends Balancer {
  /** Anything but `rolling`: the one ECS service is `orders`. */
  readonly controller: Controller;
  /** `http://127.0.0.1:PORT` of the production listener. */
  readonly productionUrl: string;
  readonly testUrl: string;
  /** The revision that runs v1. */
  readonly taskDefinitionArn: string;
  /** Digest of v1. */
  readonly digest: string;
}

/** Makes the world in an empty account. Its ARNs are those of the example sidestep.yaml. Waits for nothing. */
export async function createWorld(clients: Clients, options: WorldOptions = {}): Promise<World> {
  const all = { ...DEFAULT_OPTIONS, ...options };
  await clients.ecr.send(new CreateRepositoryCommand({ repositoryName: REPOSITORY }));
  const image = await pushImage(clients, {
    repository: REPOSITORY,
    tag: 'v1',
    environment: all.blueEnvironment,
  });
  const balancer = await createBalancer(clients, all);
  const taskDefinitionArn = await createServices(clients, image.uri, balancer, all);
  if (all.autoscaling) await createAutoscaling(clients, all.autoscaling);
  return {
    ...balancer,
    controller: all.controller,
    productionUrl: `http://127.0.0.1:${all.ports.production}`,
    testUrl: `http://127.0.0.1:${all.ports.test}`,
    taskDefinitionArn,
    digest: image.digest,
  };
}
