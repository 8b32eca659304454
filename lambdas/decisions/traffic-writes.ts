/** The history's list of writes of weights, kept from what steps note of them. */
import type { ListenerWrite, Progress, TrafficWrite } from '../common/deployment.ts';

type Noted = Pick<Progress, 'attach' | 'shift' | 'restore' | 'trafficStep' | 'trafficWrites'>;

/** @returns a step's changes, and with them the list if one of them is a write that is done now and was not before */
export function withTrafficWrites<C extends Noted>(was: Noted, changes: C): C & Pick<Noted, 'trafficWrites'> {
  const known = was.trafficWrites ?? [];
  const { trafficStep } = { ...was, ...changes };
  const done = [
    doneWrite('attach', changes.attach),
    doneWrite('shift', changes.shift, trafficStep),
    doneWrite('restore', changes.restore),
  ].filter((write) => write !== undefined);
  const fresh = done.filter((write) => !known.some((one) => isSame(one, write)));
  return fresh.length === 0 ? changes : { ...changes, trafficWrites: [...known, ...fresh] };
}

function doneWrite(
  kind: TrafficWrite['kind'],
  write: ListenerWrite | undefined,
  trafficStep?: number,
): TrafficWrite | undefined {
  if (write?.doneAtMs === undefined) return undefined;
  const { to: weights, intendedAtMs, doneAtMs } = write;
  return { kind, weights, intendedAtMs, doneAtMs, ...(kind === 'shift' && { trafficStep }) };
}

/** A step that is run again finds the intent that it wrote first. */
const isSame = (a: TrafficWrite, b: TrafficWrite): boolean =>
  a.kind === b.kind && a.intendedAtMs === b.intendedAtMs && a.trafficStep === b.trafficStep;
