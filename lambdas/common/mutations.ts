/** The calls of our ports that change something on AWS, and what an audit keeps of each. No environment, no secret. */

import type { ApplicationAutoScaling } from '../aws/application-autoscaling.ts';
import type { Ecs, Service, ServiceDeployment } from '../aws/ecs.ts';
import type { EcsTasks } from '../aws/ecs-tasks.ts';
import type { Elbv2, ListenerPlace } from '../aws/elbv2.ts';
import type { Launch, RunTask } from '../aws/run-task.ts';
import { weightsIn } from './places.ts';

export interface Mutation {
  /** AWS's name of it. */
  operation(given: readonly unknown[]): string;
  resource(given: readonly unknown[]): string;
  after(given: readonly unknown[]): unknown;
  answer?(answered: unknown): unknown;
  /** The read of the same port that tells how the resource is, for those who have not looked. */
  readonly look?: {
    readonly by: string;
    given(given: readonly unknown[]): unknown[];
    state(found: unknown): unknown;
  };
}

type Given<M extends (...given: never[]) => unknown> = Parameters<M>;

const serviceKey = (cluster: string, service: string): string => `${cluster}/${service}`;
const scalingKey = (cluster: string, service: string): string => `scaling of ${cluster}/${service}`;

const stateOfService = ({ desiredCount, taskDefinition }: Service) => ({ desiredCount, taskDefinition });
const stateOfPlace = (place: ListenerPlace) => weightsIn([place])[0]?.weights;

/** By the method's name: no two ports have methods of the same name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  registerTaskDefinition: {
    operation: () => 'RegisterTaskDefinition',
    resource: (given) => (given as Given<Ecs['registerTaskDefinition']>)[0].family ?? '',
    after(given) {
      const [{ family, containerDefinitions = [] }] = given as Given<Ecs['registerTaskDefinition']>;
      return {
        family,
        images: Object.fromEntries(containerDefinitions.map(({ name, image }) => [name, image])),
      };
    },
    answer: (taskDefinition) => ({ taskDefinition }),
  },
  updateService: {
    operation: () => 'UpdateService',
    resource(given) {
      const [cluster, service] = given as Given<Ecs['updateService']>;
      return serviceKey(cluster, service);
    },
    after: (given) => (given as Given<Ecs['updateService']>)[2],
    answer(answered) {
      const primary = (answered as Service).deployments?.find(({ status }) => status === 'PRIMARY');
      return { ecsDeploymentId: primary?.id };
    },
    look: {
      by: 'describeService',
      given: ([cluster, service]) => [cluster, service],
      state: (found) => stateOfService(found as Service),
    },
  },
  stopServiceDeployment: {
    operation: () => 'StopServiceDeployment',
    resource: ([arn]) => String(arn),
    after: () => ({ stopType: 'ROLLBACK' }),
    answer: (accepted) => ({ accepted }),
  },
  continueServiceDeployment: {
    operation: () => 'ContinueServiceDeployment',
    resource: ([arn]) => String(arn),
    after: ([, hookId, action]) => ({ hookId, action }),
    answer: (accepted) => ({ accepted }),
  },
  modifyPlace: {
    operation: (given) => (placeOf(given).arn.includes(':listener-rule/') ? 'ModifyRule' : 'ModifyListener'),
    resource: (given) => placeOf(given).arn,
    after: (given) => stateOfPlace(placeOf(given)),
  },
  registerScalableTarget: {
    operation: () => 'RegisterScalableTarget',
    resource(given) {
      const [cluster, service] = given as Given<ApplicationAutoScaling['registerScalableTarget']>;
      return scalingKey(cluster, service);
    },
    after: ([, , change]) => change,
  },
  runTask: {
    operation: () => 'RunTask',
    resource: (given) => (given as Given<RunTask['runTask']>)[0].cluster,
    after(given) {
      const [{ taskDefinition, group, startedBy }] = given as Given<RunTask['runTask']>;
      return { taskDefinition, group, startedBy };
    },
    answer: (launch) => launch as Launch,
  },
  stopTask: {
    operation: () => 'StopTask',
    resource: (given) => (given as Given<EcsTasks['stopTask']>)[1],
    after: ([, , reason]) => ({ desiredStatus: 'STOPPED', reason }),
  },
};

const placeOf = (given: readonly unknown[]): ListenerPlace => (given as Given<Elbv2['modifyPlace']>)[0];

/** What a read tells of resources: their keys as above, and how they are. */
type Told = readonly (readonly [resource: string, state: unknown])[];

/** Reads that tell what a later write of the same invocation changes. */
export const READS: Readonly<Record<string, (given: readonly unknown[], found: unknown) => Told>> = {
  describeService(given, found) {
    const [cluster, service] = given as Given<Ecs['describeService']>;
    return [[serviceKey(cluster, service), stateOfService(found as Service)]];
  },
  describePlaces: (_given, found) =>
    (found as ListenerPlace[]).map((place) => [place.arn, stateOfPlace(place)] as const),
  describeScalableTarget(given, found) {
    const [cluster, service] = given as Given<ApplicationAutoScaling['describeScalableTarget']>;
    return [[scalingKey(cluster, service), found]];
  },
  describeServiceDeployments: (_given, found) =>
    (found as ServiceDeployment[]).map(
      ({ serviceDeploymentArn = '', status }) => [serviceDeploymentArn, { status }] as const,
    ),
};
