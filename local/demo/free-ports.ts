/** Finds ports on 127.0.0.1 that nothing listens on. */
import { createPortPool, isFree } from '../tasks/port-pool.ts';

const pool = createPortPool();

/**
 * Each wanted port if it is free, or else another one from below the ephemeral range.
 * @param wanted 0 for any
 */
export async function freePorts(wanted: readonly number[]): Promise<number[]> {
  const ports: number[] = [];
  for (const port of wanted) ports.push(port !== 0 && (await isFree(port)) ? port : await anyPort());
  return ports;
}

async function anyPort(): Promise<number> {
  const taken = await pool.take([0]);
  return taken.get(0) ?? 0;
}
