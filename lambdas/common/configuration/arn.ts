/** What an ARN in the configuration names: only the parts that the checks compare. */

const PARTITION_TO_ACCOUNT = (service: string): string => `arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:`;
const ELB = PARTITION_TO_ACCOUNT('elasticloadbalancing');
const ECS = PARTITION_TO_ACCOUNT('ecs');
const ID = '[0-9a-f]{1,32}';
const NAME = '[A-Za-z0-9_-]{1,255}';

/** Shapes of the configuration's words, as regular expressions that a JSON Schema can carry too. */
export const SHAPES = {
  serviceName: /^[a-z][a-z0-9-]{0,31}$/,
  repository: /^(?=.{2,256}$)([a-z0-9]+([._-]+[a-z0-9]+)*\/)*[a-z0-9]+([._-]+[a-z0-9]+)*$/,
  account: /^\d{12}$/,
  container: /^[A-Za-z0-9_-]{1,255}$/,
  tag: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/,
  glob: /^[A-Za-z0-9._*?[\]{}!,()|+@^-]{1,128}$/,
  cluster: new RegExp(`^(${ECS}cluster/)?${NAME}$`),
  ecsService: new RegExp(`^(${ECS}service/(${NAME}/)?)?${NAME}$`),
  fleet: /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
  module: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  moduleAddress: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  targetGroup: new RegExp(`^${ELB}targetgroup/[A-Za-z0-9-]{1,32}/${ID}$`),
  listener: new RegExp(`^${ELB}listener/(app|net)/[A-Za-z0-9-]{1,32}/${ID}/${ID}$`),
  rule: new RegExp(`^${ELB}listener-rule/app/[A-Za-z0-9-]{1,32}/${ID}/${ID}/${ID}$`),
  principal: /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]{1,576}$/,
  role: /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/,
  httpPath: /^\/[\x21-\x7e]*$/,
  host: /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
  jsonPointer: /^(\/([^~/]|~[01])*)*$/,
  subnet: /^subnet-[0-9a-f]{8,17}$/,
  securityGroup: /^sg-[0-9a-f]{8,17}$/,
  lambda:
    /^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:)?[A-Za-z0-9_-]{1,64}(:(\$LATEST|[A-Za-z0-9_-]{1,128}))?$/,
  taskDefinition: new RegExp(`^(${ECS}task-definition/)?${NAME}(:\\d{1,9})?$`),
  alarm: /^[\x20-\x7e]{1,255}$/,
} as const;

/**
 * The load balancer of a listener's or a rule's ARN: `arn:…:app/web/69d4…`.
 * @returns undefined if the text is no such ARN.
 */
export function loadBalancerOf(arn: string): string | undefined {
  if (!SHAPES.rule.test(arn) && !SHAPES.listener.test(arn)) return undefined;
  const [kind = '', type, name, id] = arn.split('/');
  return [kind.replace(/:listener(-rule)?$/, ''), type, name, id].join('/');
}

export function isNetworkListener(arn: string): boolean {
  return SHAPES.listener.test(arn) && arn.includes(':listener/net/');
}

/** `prod/orders-a` for an ECS service, whether its names or its ARNs are written. */
export function ecsServiceKey(cluster: string, service: string): string {
  return `${lastSegment(cluster)}/${lastSegment(service)}`;
}

/**
 * The cluster that a service's ARN names.
 * @returns undefined for a plain name, and for the old ARN format, which has no cluster.
 */
export function clusterNamedBy(service: string): string | undefined {
  const segments = service.split('/');
  return segments.length === 3 ? segments[1] : undefined;
}

export function lastSegment(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}
