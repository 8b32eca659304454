/** Breaks a deployment's care on purpose, so that the measure of lost requests can be seen to report them. */
import type { Clients, WorldOptions } from '../world/index.ts';
import { stopService } from '../world/services.ts';
import type { KillableRunner } from './killable-runner.ts';

export const SABOTAGES = ['skip-drain', 'kill-before-deregister'] as const;
/**
 * `skip-drain`: blue is scaled to zero as soon as the weights are written, without a deregistration delay.
 * `kill-before-deregister`: blue's processes are killed when the shift begins, while they are registered.
 */
export type Sabotage = (typeof SABOTAGES)[number];

/** Only answers that are under way can be lost: give the scenario's blue a RESPONSE_MS that outlasts the shift. */
export function sabotagedWorld(sabotage: Sabotage | undefined): WorldOptions {
  return sabotage === 'skip-drain' ? { deregistrationDelaySeconds: 0 } : {};
}

export interface SabotageTools {
  readonly clients: Clients;
  readonly runner: KillableRunner;
}

/** Strikes at its moment, and only then. */
export async function strike(
  sabotage: Sabotage | undefined,
  moment: 'shift begins' | 'shift is written',
  { clients, runner }: SabotageTools,
): Promise<void> {
  if (sabotage === 'kill-before-deregister' && moment === 'shift begins') runner.kill('v1');
  if (sabotage === 'skip-drain' && moment === 'shift is written') await stopService(clients, 'orders-a');
}
