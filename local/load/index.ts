/** Load generators for the local cloud: open loop, bounded, telling the load balancer's failures from a target's own. */
export { type HttpLoadOptions, startLoad } from './http-load.ts';
export type { LoadFailure, LoadRun, LoadTotals } from './load-run.ts';
export { startVirtualLoad, type VirtualLoadOptions } from './virtual-load.ts';
