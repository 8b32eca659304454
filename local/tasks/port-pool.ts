/** Hands out free host ports on the loopback interface. */
import { createServer } from 'node:net';

/**
 * Below every system's ephemeral range: a port from that range could be taken by an outgoing connection (a load test
 * makes many) between the moment it was found free and the moment the child listens on it.
 */
const FIRST = 20_000;
const COUNT = 12_000;
const TRIES_MAX = 500;

export interface PortPool {
  /** A free host port for each container port. @throws Error if there is none */
  take(containerPorts: readonly number[]): Promise<ReadonlyMap<number, number>>;
  giveBack(hostPorts: ReadonlyMap<number, number>): void;
}

/** Makes a pool. Pools of different processes start at different places, so that they rarely meet. */
export function createPortPool(): PortPool {
  const taken = new Set<number>();
  let cursor = (process.pid * 127) % COUNT;

  async function takeOne(): Promise<number> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const port = FIRST + cursor;
      cursor = (cursor + 1) % COUNT;
      if (taken.has(port)) continue;
      taken.add(port);
      if (await isFree(port)) return port;
      taken.delete(port);
    }
    throw new Error(
      `no free port on 127.0.0.1 after ${TRIES_MAX} tries from ${FIRST} to ${FIRST + COUNT - 1}`,
    );
  }

  return {
    async take(containerPorts) {
      const hostPorts = new Map<number, number>();
      for (const containerPort of containerPorts) hostPorts.set(containerPort, await takeOne());
      return hostPorts;
    },
    giveBack(hostPorts) {
      for (const port of hostPorts.values()) taken.delete(port);
    },
  };
}

/** Whether nothing listens on a port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
