/** What can be different about a run of a scenario. */
import type { DemoEvent } from './result.ts';
import type { Sabotage } from './sabotage.ts';

export interface RunOptions {
  /** Cloud seconds per wall second, 1 to 20. */
  factor?: number;
  /** Requests per second. */
  rate?: number;
  /** A cloud assembly of the example configuration with the scenario's changes; synthesized if absent. */
  assemblyDirectory?: string;
  /** What had passed since the process began, for the figures. */
  beforeSeconds?: number;
  /** How long the load runs before the push and after the end, wall time. */
  leadSeconds?: number;
  /** How long the deployment may take, wall time. */
  limitSeconds?: number;
  sabotage?: Sabotage;
  /** Told of what happens, as it happens. */
  report?: (event: DemoEvent) => void;
  /** Ends the run early: everything is stopped, and the run rejects with the signal's reason. */
  signal?: AbortSignal;
}
