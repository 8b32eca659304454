/** A checked service document with everything filled in that it leaves out, and durations in seconds. */
import type {
  Alarms,
  Analysis,
  Approval,
  Group,
  HttpCheck,
  ImageSource,
  Migration,
  Module,
  RepositorySource,
  ServiceConfiguration,
  Side,
  Strategy,
  TagPolicy,
  Traffic,
} from '../service.ts';
import { lastSegment } from './arn.ts';
import { ANALYSIS, APPROVAL, BAKE } from './defaults.ts';
import { durationMilliseconds, durationSeconds } from './duration.ts';
import { globPolicy } from './glob.ts';
import type { ServiceDocument } from './schema.ts';

export function complete(name: string, service: ServiceDocument): ServiceConfiguration {
  const image = imageOf(service.image);
  const sides = sidesOf(service.sides);
  return withoutUndefined({
    name,
    image,
    strategy: strategyOf(service),
    traffic: service.traffic && traffic(service.traffic),
    modules: (service.traffic?.modules ?? []).map((module): Module => ({ ...module })),
    sides,
    roles: service.roles,
    checks: checks(service.checks, sides),
    analysis: service.analysis && analysis(service.analysis),
    approval: service.approval && approval(service.approval),
    approvers: service.approvers,
    migration: service.migration && migration(service.migration, checked(image.containers[0])),
    bakeSeconds: seconds(bakeOf(service)),
    keepBlueSeconds: seconds(service.keepBlue),
    pauseTimeoutSeconds: seconds(service.pause.timeout),
    deadlineSeconds: service.deadline === undefined ? undefined : seconds(service.deadline),
    initialCount: service.initialCount,
    steadyStateTimeoutSeconds: seconds(service.steadyState.timeout),
    drainTimeoutSeconds: seconds(service.drain.timeout),
    drainStickySeconds: seconds(service.drain.sticky),
    propagationSeconds: seconds(service.propagation),
    windows: service.windows.map(({ for: duration, ...window }) => ({
      ...window,
      seconds: seconds(duration),
    })),
    schedules: service.schedules,
    whenBusy: service.whenBusy,
    after: service.after,
    group: service.group && groupOf(service.group),
    historySeconds: seconds(service.history.keep),
  });
}

function imageOf({ base, keepTag, minimumAge, scan, signature, ...image }: ImageDocument): ImageSource {
  return withoutUndefined({
    ...sourceOf(image),
    base,
    minimumAgeSeconds: seconds(minimumAge),
    scan: scan && { atMost: scan.atMost, timeoutSeconds: seconds(scan.timeout) },
    signature: signature && { timeoutSeconds: seconds(signature.timeout) },
    keepTag,
    sidecars: image.sidecars.map(sourceOf),
  });
}

type ImageDocument = ServiceDocument['image'];

function sourceOf({
  repository,
  registryId,
  container,
  tags,
}: ImageDocument['sidecars'][number]): RepositorySource {
  const containers = typeof container === 'string' ? [container] : container;
  return { repository, ...(registryId && { registryId }), containers, tags: tagPolicy(tags) };
}

function tagPolicy({ semver, newest, exact, glob }: ImageDocument['tags']): TagPolicy {
  if (semver !== undefined) return { semver };
  if (newest !== undefined) return { newest };
  if (exact !== undefined) return { exact };
  return globPolicy(checked(glob));
}

function strategyOf(service: ServiceDocument): Strategy {
  const { strategy } = service;
  switch (strategy.type) {
    case 'canary':
      return { type: 'canary', percent: strategy.percent, bakeSeconds: seconds(strategy.bake) };
    case 'linear':
      return { type: 'linear', percent: strategy.percent, everySeconds: seconds(strategy.every) };
    case 'steps': {
      const steps = strategy.steps.map(({ percent, bake = bakeOf(service) }) => ({
        percent,
        bakeSeconds: seconds(bake),
      }));
      return { type: 'steps', steps };
    }
    default:
      return { type: strategy.type };
  }
}

/** The last step's bake and the service's are the same thing, written at either place. */
function bakeOf({ bake, strategy }: ServiceDocument): string {
  const last = strategy.type === 'steps' ? strategy.steps.at(-1)?.bake : undefined;
  return bake ?? last ?? BAKE;
}

function traffic({ rules, listener, modules, testRule }: NonNullable<ServiceDocument['traffic']>): Traffic {
  const test = testRule === undefined ? {} : { testRule };
  if (listener !== undefined) return { listener, ...test };
  return { rules: rules ?? checked(modules).map(({ rule }) => rule), ...test };
}

function sidesOf([one, other]: ServiceDocument['sides']): readonly [Side] | readonly [Side, Side] {
  return other === undefined ? [side(checked(one))] : [side(checked(one)), side(other)];
}

function side({ cluster, service, fleet, targetGroup = '' }: ServiceDocument['sides'][number]): Side {
  if (fleet !== undefined) return { kind: 'fleet', cluster: '', service: fleet, targetGroup };
  return { kind: 'ecs', cluster: checked(cluster), service: checked(service), targetGroup };
}

function checks(
  { http, network, lambda, task, alarms }: ServiceDocument['checks'],
  sides: readonly Side[],
): ServiceConfiguration['checks'] {
  return withoutUndefined({
    http: http.map(httpCheck),
    network,
    lambda: lambda.map(({ function: functionName, timeout }) => ({
      functionName,
      timeoutSeconds: seconds(timeout),
    })),
    task: task.map(({ timeout, ...check }) => ({ ...check, timeoutSeconds: seconds(timeout) })),
    alarms: alarmsOf(alarms, sides),
  });
}

function httpCheck({ latency, timeout, ...check }: ServiceDocument['checks']['http'][number]): HttpCheck {
  return {
    ...check,
    ...(latency !== undefined && { latencyMs: checked(durationMilliseconds(latency)) }),
    timeoutSeconds: seconds(timeout),
  };
}

/** Sides are keyed by what stands in `sides`, although the last part of an ARN is enough to name one. */
function alarmsOf(alarms: ServiceDocument['checks']['alarms'], sides: readonly Side[]): Alarms {
  if (Array.isArray(alarms)) return { service: alarms, sides: {} };
  const keys = Object.keys(alarms.sides);
  const keyed = sides.map(({ service }) => {
    const names = keys.filter((key) => key === service || key === lastSegment(service));
    return [service, names.flatMap((key) => alarms.sides[key] ?? [])] as const;
  });
  return {
    service: alarms.service,
    sides: Object.fromEntries(keyed.filter(([, names]) => names.length > 0)),
  };
}

function analysis(settings: NonNullable<ServiceDocument['analysis']>): Analysis {
  const { period, lag, ...others } = settings === true ? ANALYSIS : settings;
  return { ...others, periodSeconds: seconds(period), lagSeconds: seconds(lag) };
}

function approval(settings: NonNullable<ServiceDocument['approval']>): Approval {
  const { timeout, ...others } = typeof settings === 'string' ? { gates: [settings], ...APPROVAL } : settings;
  return { ...others, timeoutSeconds: seconds(timeout) };
}

function groupOf({ timeout, ...group }: NonNullable<ServiceDocument['group']>): Group {
  return { ...group, timeoutSeconds: seconds(timeout) };
}

function migration(
  { command, container, timeout }: NonNullable<ServiceDocument['migration']>,
  receiver: string,
): Migration {
  return { container: container ?? receiver, command, timeoutSeconds: seconds(timeout) };
}

function seconds(duration: string): number {
  return checked(durationSeconds(duration));
}

/** What the checks have made sure of. */
function checked<Value>(value: Value | undefined): Value {
  if (value === undefined)
    throw new Error('a value is missing that the checks of the configuration let pass');
  return value;
}

/** A parameter in JSON has no undefined, and neither have the types. */
function withoutUndefined<Complete extends object>(record: Complete): Complete {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Complete;
}
