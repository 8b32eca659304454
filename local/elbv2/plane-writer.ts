/** Brings changes to the data plane: targets at once, rules after their propagation, each load balancer's in one stream. */
import type { DataPlane } from '../dataplane/data-plane.ts';
import type { Platform } from '../platform.ts';
import { compileConfiguration, compileListener, effectiveGroups } from './compile.ts';
import type { ListenerRecord, LoadBalancerRecord, Records } from './records.ts';

export interface PlaneWriter {
  /** Writes a load balancer's present configuration; calls in the same tick share one write. Rejects if it is refused. */
  write(loadBalancer: LoadBalancerRecord): Promise<void>;
  /** Writes every load balancer whose rules in effect use the group. Resolves when all have it; never rejects. */
  writeTargets(targetGroupArn: string): Promise<void>;
  /** Puts a new listener into effect at once: there is no older rule that could serve on. Rejects if its port is taken. */
  open(loadBalancer: LoadBalancerRecord, listener: ListenerRecord): Promise<void>;
  /** Puts a listener's rules as they are written now into effect after the propagation delay. */
  propagate(loadBalancer: LoadBalancerRecord, listener: ListenerRecord): void;
  /** Takes a listener out of effect after the propagation delay. */
  propagateRemoval(loadBalancer: LoadBalancerRecord, listenerArn: string): void;
  remove(loadBalancer: LoadBalancerRecord): void;
  /** From now on nothing is written: the data plane may be gone. */
  close(): void;
}

/** @param tookEffect called when other rules than before are in effect (groups may be in use now, or no more). */
export function createPlaneWriter(
  platform: Platform,
  plane: DataPlane,
  records: Records,
  tookEffect: () => void,
): PlaneWriter {
  const { clock, latencies } = platform;
  const scheduled = new Map<string, Promise<void>>();
  const last = new Map<string, Promise<void>>();
  let isClosed = false;

  const write = (loadBalancer: LoadBalancerRecord): Promise<void> => {
    const { arn } = loadBalancer;
    const waiting = scheduled.get(arn);
    if (waiting) return waiting;
    const next = (last.get(arn) ?? Promise.resolve()).then(() => {
      scheduled.delete(arn);
      const isCurrent = records.loadBalancers.get(arn) === loadBalancer;
      if (isCurrent && !isClosed) return plane.apply(compileConfiguration(loadBalancer, records));
    });
    scheduled.set(arn, next);
    last.set(
      arn,
      next.catch(() => {}),
    );
    return next;
  };

  const writeTargets = async (targetGroupArn: string): Promise<void> => {
    const users = [...records.loadBalancers.values()].filter((one) =>
      effectiveGroups(one).includes(targetGroupArn),
    );
    await Promise.all(users.map(write)).catch(platform.fault);
  };

  const afterPropagation = (loadBalancer: LoadBalancerRecord, change: () => void): void => {
    clock.setTimer(latencies.propagationMs, () => {
      if (isClosed) return;
      change();
      write(loadBalancer).catch(platform.fault);
      tookEffect();
    });
  };

  const propagate = (loadBalancer: LoadBalancerRecord, listener: ListenerRecord): void => {
    const compiled = compileListener(listener);
    afterPropagation(loadBalancer, () => {
      if (loadBalancer.effective.has(listener.arn)) loadBalancer.effective.set(listener.arn, compiled);
    });
  };

  // On its own, so that a port that is taken refuses this listener only, and no change of others with it.
  const open = (loadBalancer: LoadBalancerRecord, listener: ListenerRecord): Promise<void> => {
    const { arn, effective } = loadBalancer;
    const next = (last.get(arn) ?? Promise.resolve()).then(async () => {
      effective.set(listener.arn, compileListener(listener));
      try {
        await plane.apply(compileConfiguration(loadBalancer, records));
      } catch (error) {
        effective.delete(listener.arn);
        throw error;
      }
      tookEffect();
    });
    last.set(
      arn,
      next.catch(() => {}),
    );
    return next;
  };

  return {
    write,
    writeTargets,
    open,
    propagate,
    close: () => {
      isClosed = true;
    },
    propagateRemoval: (loadBalancer, listenerArn) =>
      afterPropagation(loadBalancer, () => loadBalancer.effective.delete(listenerArn)),
    remove: ({ arn }) => {
      last.set(arn, (last.get(arn) ?? Promise.resolve()).then(() => plane.remove(arn)).catch(platform.fault));
    },
  };
}
