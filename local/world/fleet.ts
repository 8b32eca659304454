/** The user's VM fleet: machines that no ECS service knows, registered in a target group by hand, answering for several modules. */
import { createHash } from 'node:crypto';
import { DeregisterTargetsCommand, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Machine, Machines } from '../tasks/machines.ts';
import type { Clients } from './clients.ts';
import { SAMPLE_APP } from './image.ts';
import { FLEET_LOG_GROUP } from './names.ts';
import type { FleetOptions, WorldOptions } from './options.ts';

export interface Fleet {
  readonly machines: readonly Machine[];
  /** Resolves when all machines run and are registered. Rejects if one cannot be. Needs time to pass. */
  readonly registered: Promise<void>;
  runningCount(): number;
  /** Takes all machines out of their target group, which drains them. */
  deregister(): Promise<void>;
  /** Shuts all machines down, registered or not. */
  stop(): void;
}

export interface FleetPlace {
  clients: Pick<Clients, 'elbv2'>;
  machines: Machines;
  targetGroupArn: string;
}

/** The environment variable by which the sample application knows its modules. */
export const modulesVariable = ({ modules }: FleetOptions): Record<string, string> => ({
  MODULES: modules.join(','),
});

/** Starts the machines; each is registered as soon as it has its port. Waits for nothing. */
export function startFleet(
  { clients, machines, targetGroupArn }: FleetPlace,
  fleet: FleetOptions,
  environment: Readonly<Record<string, string>>,
): Fleet {
  const started = Array.from({ length: fleet.count }, (_, i) =>
    machines.start({
      instanceId: instanceIdOf(i),
      command: SAMPLE_APP,
      environment: { ...environment, ...modulesVariable(fleet) },
      logGroup: FLEET_LOG_GROUP,
      stopTimeoutSeconds: 30,
    }),
  );
  const register = async ({ instanceId, port }: Machine): Promise<void> => {
    const Targets = [{ Id: instanceId, Port: await port }];
    await clients.elbv2.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets }));
  };
  const registered = Promise.all(started.map(register)).then(() => {});
  // A cloud may be closed before its machines run; who needs them awaits this.
  registered.catch(() => {});
  return {
    machines: started,
    registered,
    runningCount: () => started.filter((machine) => machine.isRunning()).length,
    async deregister() {
      const Targets = started.map(({ instanceId }) => ({ Id: instanceId }));
      await clients.elbv2.send(new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets }));
    },
    stop: () => {
      for (const machine of started) machine.stop();
    },
  };
}

/** Follows from its place in the fleet, as everything's name in the world does. */
function instanceIdOf(index: number): string {
  return `i-${createHash('sha256').update(`fleet/${index}`).digest('hex').slice(0, 17)}`;
}

/**
 * Refuses what a fleet cannot be combined with.
 * @throws Error naming the option
 */
export function checkFleet({ fleet, ...options }: Required<WorldOptions>): void {
  if (!fleet) return;
  const refuse = (found: string, allowed: string): never => {
    throw new Error(`a world with a fleet has ${found}; allowed is ${allowed}`);
  };
  const wrong = fleet.modules.find((module) => !/^[\w-]+\/[\w-]+$/.test(module));
  if (fleet.modules.length === 0) refuse('no modules', 'at least one');
  if (wrong !== undefined) refuse(`module '${wrong}'`, "'zone/module'");
  if (options.loadBalancer !== 'application')
    refuse(`a ${options.loadBalancer} load balancer`, 'application');
  if (options.placement !== 'rule') refuse(`placement '${options.placement}'`, "'rule'");
  if (options.controller !== 'rolling') refuse(`controller '${options.controller}'`, "'rolling'");
  if (options.autoscaling) refuse('autoscaling', 'none');
}
