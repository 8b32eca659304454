/** Operations on load balancers: Application and Network Load Balancers. */
import { loadBalancerArn } from '../arns.ts';
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { defaultAttributes, LOAD_BALANCER_ATTRIBUTES, setAttributes, showAttributes } from './attributes.ts';
import type { Elbv2Context } from './context.ts';
import { checkName, isSameRequest } from './names.ts';
import { page } from './paging.ts';
import { findLoadBalancer, type LoadBalancerRecord, type LoadBalancerType, type Records } from './records.ts';
import { putTags } from './tags.ts';

type LoadBalancerOperations = Pick<
  Operations<typeof Elbv2Api>,
  | 'CreateLoadBalancer'
  | 'DescribeLoadBalancers'
  | 'DeleteLoadBalancer'
  | 'DescribeLoadBalancerAttributes'
  | 'ModifyLoadBalancerAttributes'
  | 'DescribeAccountLimits'
>;

export function loadBalancerOperations(context: Elbv2Context): LoadBalancerOperations {
  const { records, writer } = context;
  return {
    CreateLoadBalancer: (input) => ({
      LoadBalancers: [showLoadBalancer(createLoadBalancer(input, context))],
    }),
    DescribeLoadBalancers: (input) => {
      const { items, NextMarker } = page(selectLoadBalancers(input, records), input);
      return { LoadBalancers: items.map(showLoadBalancer), NextMarker };
    },
    DeleteLoadBalancer: ({ LoadBalancerArn = '' }) => {
      deleteLoadBalancer(LoadBalancerArn, context);
      return {};
    },
    DescribeLoadBalancerAttributes: ({ LoadBalancerArn }) => ({
      Attributes: showAttributes(findLoadBalancer(records, LoadBalancerArn).attributes),
    }),
    ModifyLoadBalancerAttributes: async ({ LoadBalancerArn, Attributes }) => {
      const loadBalancer = findLoadBalancer(records, LoadBalancerArn);
      setAttributes(LOAD_BALANCER_ATTRIBUTES[loadBalancer.type], loadBalancer.attributes, Attributes);
      await writer.write(loadBalancer);
      return { Attributes: showAttributes(loadBalancer.attributes) };
    },
    DescribeAccountLimits: () => ({ Limits: ACCOUNT_LIMITS.map(([Name, Max]) => ({ Name, Max })) }),
  };
}

const ACCOUNT_LIMITS = [
  ['application-load-balancers', '50'],
  ['network-load-balancers', '50'],
  ['target-groups', '3000'],
  ['listeners-per-application-load-balancer', '50'],
  ['listeners-per-network-load-balancer', '50'],
  ['rules-per-application-load-balancer', '100'],
  ['target-groups-per-action-on-application-load-balancer', '5'],
  ['target-groups-per-application-load-balancer', '100'],
] as const;

function createLoadBalancer(
  input: Elbv2Api.CreateLoadBalancerInput,
  { records, platform }: Elbv2Context,
): LoadBalancerRecord {
  const name = checkName('Load balancer', input.Name);
  const type = checkType(input.Type);
  const arn = loadBalancerArn(name, ARN_TYPES[type]);
  const existing = byName(name, records);
  if (existing && isSameRequest(existing.input, input)) return existing;
  if (existing) {
    throw new AwsError(
      'DuplicateLoadBalancerNameException',
      `A load balancer named '${name}' exists with other settings`,
    );
  }
  const attributes = defaultAttributes(LOAD_BALANCER_ATTRIBUTES[type]);
  const createdMs = platform.clock.now();
  const loadBalancer: LoadBalancerRecord = {
    arn,
    name,
    type,
    input,
    attributes,
    createdMs,
    listeners: new Map(),
    listenerCount: 0,
    effective: new Map(),
  };
  records.loadBalancers.set(arn, loadBalancer);
  putTags(records, arn, input.Tags);
  return loadBalancer;
}

const ARN_TYPES = { application: 'app', network: 'net' } as const;

function checkType(type: string = 'application'): LoadBalancerType {
  if (type === 'application' || type === 'network') return type;
  throw notImplemented(`load balancers of type ${type} (only application, network)`);
}

/** A name is one load balancer's only, whatever its type. */
function byName(wanted: string, { loadBalancers }: Records): LoadBalancerRecord | undefined {
  return [...loadBalancers.values()].find(({ name }) => name === wanted);
}

function selectLoadBalancers(
  input: Elbv2Api.DescribeLoadBalancersInput,
  records: Records,
): LoadBalancerRecord[] {
  const { LoadBalancerArns, Names } = input;
  if (LoadBalancerArns?.length) return LoadBalancerArns.map((arn) => findLoadBalancer(records, arn));
  if (Names?.length)
    return Names.map((name) => byName(name, records) ?? findLoadBalancer(records, loadBalancerArn(name)));
  return [...records.loadBalancers.values()];
}

/** Deleting what is not there succeeds, as on AWS. */
function deleteLoadBalancer(arn: string, { records, writer, targets }: Elbv2Context): void {
  const loadBalancer = records.loadBalancers.get(arn);
  if (!loadBalancer) return;
  if (loadBalancer.attributes.get('deletion_protection.enabled') === 'true') {
    throw new AwsError(
      'OperationNotPermittedException',
      `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  for (const listener of loadBalancer.listeners.values()) {
    for (const resource of [listener.arn, ...listener.rules.keys()]) records.tags.delete(resource);
  }
  records.loadBalancers.delete(arn);
  records.tags.delete(arn);
  writer.remove(loadBalancer);
  targets.reviewUse();
}

/** DNSName is loopback itself: `http://DNSName:port` works where nobody resolves names of the local cloud. */
function showLoadBalancer({ arn, name, type, createdMs, input }: LoadBalancerRecord): Elbv2Api.LoadBalancer {
  const { Scheme = 'internet-facing', IpAddressType = 'ipv4', Subnets = [], SecurityGroups } = input;
  return {
    LoadBalancerArn: arn,
    LoadBalancerName: name,
    DNSName: '127.0.0.1',
    CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
    CreatedTime: new Date(createdMs),
    Scheme,
    State: { Code: 'active' },
    Type: type,
    AvailabilityZones: Subnets.map((SubnetId, i) => ({ ZoneName: `us-east-1${'abcdef'[i % 6]}`, SubnetId })),
    SecurityGroups,
    IpAddressType,
  };
}
