/** What every group of operations works on. */
import type { Platform } from '../platform.ts';
import type { PlaneWriter } from './plane-writer.ts';
import type { Records } from './records.ts';
import type { Targets } from './targets.ts';

export interface Elbv2Context {
  platform: Platform;
  records: Records;
  writer: PlaneWriter;
  targets: Targets;
}
