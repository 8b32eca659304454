/** The life of a target in its group: registered, checked, in use or not, drained, gone. */
import type { Timer } from '../clock/clock.ts';
import type { DataPlane } from '../dataplane/data-plane.ts';
import type { Platform } from '../platform.ts';
import type { TargetRegistry } from '../simulators.ts';
import { targetGroupsOf } from './actions.ts';
import { isOn, numberOf } from './attributes.ts';
import { effectiveGroups } from './compile.ts';
import { startHealthChecks } from './health-checks.ts';
import type { PlaneWriter } from './plane-writer.ts';
import {
  allListeners,
  findTargetGroup,
  planeAddress,
  type Records,
  type Target,
  type TargetGroupRecord,
  type TargetHealth,
  type TargetRecord,
  targetKey,
} from './records.ts';

/** How often the end of the last request to a draining target is looked for. Cloud time. */
const IDLE_LOOK_MS = 1_000;

const NOT_REGISTERED: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
};
const NOT_IN_USE: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
};
const REGISTERING: TargetHealth = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
};
const FIRST_CHECKS: TargetHealth = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
};
const DRAINING: TargetHealth = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
};

export interface Targets extends TargetRegistry {
  /** Looks again which groups are in use: their targets are checked, the others' are `unused`. */
  reviewUse(): void;
  /** Resolves when the data plane knows what is registered in a group. */
  written(targetGroupArn: string): Promise<void>;
  /** Ends what goes on for all targets of a group, without more ado. */
  forget(group: TargetGroupRecord): void;
  /** Ends everything; what is registered or deregistered afterwards starts nothing any more. */
  close(): void;
}

export interface TargetsContext {
  platform: Platform;
  plane: DataPlane;
  records: Records;
  writer: PlaneWriter;
  /** Whether a draining target without requests is unused at once, or only when its delay has passed. */
  unusedWhenIdle: boolean;
}

export function createTargets({ platform, plane, records, writer, unusedWhenIdle }: TargetsContext): Targets {
  const { clock } = platform;
  const random = platform.random.fork('health-checks');
  const listeners = new Set<(targetGroupArn: string, target: Target) => void>();

  const changed = (group: TargetGroupRecord, { id, port }: Target): void => {
    void writer.writeTargets(group.arn);
    for (const listener of [...listeners]) {
      try {
        listener(group.arn, { id, port });
      } catch (error) {
        platform.fault(error);
      }
    }
  };
  const setHealth = (group: TargetGroupRecord, target: TargetRecord, health: TargetHealth): void => {
    const was = target.health;
    target.health = health;
    if (was.state === health.state && was.reason === health.reason && was.description === health.description)
      return;
    if (health.state === 'unhealthy' && closesWhenUnhealthy(group)) cut(group, target);
    changed(group, target);
  };
  const cut = ({ arn }: TargetGroupRecord, target: TargetRecord): void =>
    void plane.cut(planeAddress(target), arn).catch(platform.fault);

  let isClosed = false;

  const register = (targetGroupArn: string, { id, port }: Target): void => {
    if (isClosed) return;
    const group = findTargetGroup(records, targetGroupArn);
    const former = group.targets.get(targetKey({ id, port }));
    if (former && former.health.state !== 'draining') return;
    former?.stop();
    const target: TargetRecord = { id, port, health: NOT_REGISTERED, stop: () => {} };
    group.targets.set(targetKey(target), target);
    if (isInUse(records, group.arn)) beginChecks(group, target);
    else setHealth(group, target, NOT_IN_USE);
  };

  const beginChecks = (group: TargetGroupRecord, target: TargetRecord): void => {
    const checked = {
      settings: () => group.settings,
      health: () => target.health,
      probe: () => probe(group, target),
      report: (health: TargetHealth) => setHealth(group, target, health),
    };
    target.stop = startHealthChecks(checked, clock, random);
    setHealth(group, target, REGISTERING);
    void writer.writeTargets(group.arn).then(() => {
      if (target.health === REGISTERING) setHealth(group, target, FIRST_CHECKS);
    });
  };

  const probe = ({ settings }: TargetGroupRecord, target: TargetRecord) => {
    const { host, port } = planeAddress(target);
    const { healthCheckProtocol, healthCheckPort, healthCheckPath, healthCheckTimeoutSeconds } = settings;
    const probePort = healthCheckPort === 'traffic-port' ? port : Number(healthCheckPort);
    return plane.probe({
      target: { host, port: probePort },
      path: healthCheckProtocol === 'HTTP' ? healthCheckPath : undefined,
      timeoutMs: healthCheckTimeoutSeconds * 1000,
    });
  };

  const deregister = (targetGroupArn: string, which: Target): void => {
    if (isClosed) return;
    const group = findTargetGroup(records, targetGroupArn);
    const target = group.targets.get(targetKey(which));
    if (!target || target.health.state === 'draining') return;
    target.stop();
    if (target.health.state === 'unused') remove(group, target);
    else drain(group, target);
  };

  const drain = (group: TargetGroupRecord, target: TargetRecord): void => {
    const delayMs = numberOf(group.attributes, 'deregistration_delay.timeout_seconds') * 1000;
    let look: Timer | undefined;
    const end = clock.setTimer(delayMs, () => {
      target.stop();
      remove(group, target);
    });
    target.stop = () => {
      end.cancel();
      look?.cancel();
    };
    const lookWhetherIdle = async (): Promise<void> => {
      await writer.writeTargets(group.arn);
      const count = await plane.inFlight(planeAddress(target), group.arn);
      if (group.targets.get(targetKey(target)) !== target) return;
      if (count === 0) {
        target.stop();
        remove(group, target);
      } else {
        look = clock.setTimer(IDLE_LOOK_MS, () => void lookWhetherIdle().catch(platform.fault));
      }
    };
    setHealth(group, target, DRAINING);
    if (unusedWhenIdle) void lookWhetherIdle().catch(platform.fault);
  };

  /** Requests that outlive the deregistration delay are cut; connections of an NLB only if their group says so. */
  const remove = (group: TargetGroupRecord, target: TargetRecord): void => {
    group.targets.delete(targetKey(target));
    if (closesWhenDeregistered(group)) cut(group, target);
    changed(group, target);
  };

  const reviewUse = (): void => {
    for (const group of records.targetGroups.values()) {
      const inUse = isInUse(records, group.arn);
      for (const target of [...group.targets.values()]) {
        if (inUse && target.health.state === 'unused') beginChecks(group, target);
        if (!inUse && ['initial', 'healthy', 'unhealthy'].includes(target.health.state)) {
          target.stop();
          setHealth(group, target, NOT_IN_USE);
        }
      }
    }
  };

  const forget = ({ targets }: TargetGroupRecord): void => {
    for (const target of targets.values()) target.stop();
  };

  return {
    register,
    deregister,
    reviewUse,
    healthOf: (targetGroupArn, target) =>
      records.targetGroups.get(targetGroupArn)?.targets.get(targetKey(target))?.health ?? NOT_REGISTERED,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    written: (targetGroupArn) => writer.writeTargets(targetGroupArn),
    forget,
    close: () => {
      isClosed = true;
      for (const group of records.targetGroups.values()) forget(group);
    },
  };
}

const closesWhenUnhealthy = ({ attributes }: TargetGroupRecord): boolean =>
  isOn(attributes, 'target_health_state.unhealthy.connection_termination.enabled');

const closesWhenDeregistered = ({ settings, attributes }: TargetGroupRecord): boolean =>
  settings.protocol === 'HTTP' || isOn(attributes, 'deregistration_delay.connection_termination.enabled');

/** A group that some rule forwards to, as written or still in effect, even with weight 0. */
function isInUse(records: Records, targetGroupArn: string): boolean {
  const written = allListeners(records).some(({ rules }) =>
    [...rules.values()].some(({ actions }) => targetGroupsOf(actions).includes(targetGroupArn)),
  );
  return (
    written ||
    [...records.loadBalancers.values()].some((one) => effectiveGroups(one).includes(targetGroupArn))
  );
}
