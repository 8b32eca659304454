/** What can be scaled here: the desired count of an ECS service. */
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';

export const NAMESPACE = 'ecs';
export const DIMENSION = 'ecs:service:DesiredCount';

/** An ECS service, by the names in its resource id. */
export interface ScalableResource {
  /** `service/prod/orders-a` */
  readonly id: string;
  readonly cluster: string;
  readonly service: string;
}

interface Named {
  ServiceNamespace?: string | undefined;
  ScalableDimension?: string | undefined;
  ResourceId?: string | undefined;
}

/** @throws AwsError `ValidationException` for an id of another form, `NotImplemented` for what is no ECS service */
export function requireResource(input: Named): ScalableResource {
  requireNamespace(input);
  return resourceOf(input.ResourceId ?? '');
}

/** @throws AwsError `NotImplemented` for another service or dimension */
export function requireNamespace({ ServiceNamespace, ScalableDimension = DIMENSION }: Named): void {
  if (ServiceNamespace !== NAMESPACE) throw notImplemented(`scaling of the namespace ${ServiceNamespace}`);
  if (ScalableDimension !== DIMENSION) throw notImplemented(`scaling of the dimension ${ScalableDimension}`);
}

/** @throws AwsError `ValidationException` unless it is `service/CLUSTER/SERVICE` */
export function resourceOf(id: string): ScalableResource {
  const [, cluster, service] = /^service\/([\w-]{1,255})\/([\w-]{1,255})$/.exec(id) ?? [];
  if (cluster === undefined || service === undefined) {
    throw validation(
      `Unsupported resource ID '${id}' for the namespace ecs; it must be service/<cluster>/<service>`,
    );
  }
  return { id, cluster, service };
}

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

/** What every description of something on a resource begins with. */
export const described = (resource: ScalableResource) =>
  ({ ServiceNamespace: NAMESPACE, ScalableDimension: DIMENSION, ResourceId: resource.id }) as const;
