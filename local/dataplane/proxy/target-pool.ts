/** Kept-alive connections to targets, one agent each; those to a target that leaves are dropped as soon as they are idle. */
import { Agent } from 'node:http';
import type { PlaneTargetGroup } from '../data-plane.ts';
import { addressOf } from '../routing.ts';

export interface TargetPool {
  /** Says which targets may keep connections: those in a group and not draining. */
  keep(groups: readonly PlaneTargetGroup[]): void;
  agentFor(address: string): Agent;
  close(): void;
}

/** More idle connections to one target than this are closed. */
const IDLE_CONNECTIONS_MAX = 512;

export function createTargetPool(): TargetPool {
  const agents = new Map<string, Agent>();
  return {
    keep: (groups) => {
      const staying = new Set(groups.flatMap(({ targets }) => targets.filter(isStaying).map(addressOf)));
      for (const [address, agent] of agents) {
        if (staying.has(address)) continue;
        agents.delete(address);
        retire(agent);
      }
    },
    agentFor: (address) => {
      const agent =
        agents.get(address) ?? new Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS_MAX });
      agents.set(address, agent);
      return agent;
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

const isStaying = ({ condition }: PlaneTargetGroup['targets'][number]): boolean => condition !== 'draining';

/** Idle connections go now, busy ones when their request is over: a stopping target may close them at any moment. */
function retire(agent: Agent): void {
  for (const sockets of Object.values(agent.freeSockets))
    for (const socket of sockets ?? []) socket.destroy();
  agent.on('free', (socket: { destroy(): void }) => socket.destroy());
}
