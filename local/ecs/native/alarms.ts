/** Watches a deployment's alarms from its start to the end of its bake. */
import type { Timer } from '../../clock/clock.ts';
import { Interrupted } from './interruption.ts';
import type { Run } from './run.ts';

/** Begins to look; what is in ALARM already is ignored to the end. @returns how to end it */
export function watchAlarms(run: Run): () => void {
  const { alarms } = run.progress;
  if (alarms.status === 'DISABLED') return () => {};
  alarms.ignored = inAlarm(run);
  let timer: Timer | undefined;
  const look = (): void => {
    alarms.triggered = inAlarm(run).filter((name) => !alarms.ignored.includes(name));
    if (alarms.triggered.length > 0) {
      trigger(run);
      return;
    }
    timer = run.ports.timers.after(run.ports.parameters.alarmPollMs, look);
  };
  look();
  return () => {
    timer?.cancel();
    if (alarms.status === 'MONITORING') alarms.status = 'MONITORING_COMPLETE';
  };
}

const inAlarm = ({ progress, ports }: Run): string[] =>
  progress.alarms.names.filter((name) => ports.alarms.stateOf(name) === 'ALARM');

function trigger({ progress, interrupt }: Run): void {
  const { alarms, configuration } = progress;
  alarms.status = 'TRIGGERED';
  const which = `the alarm ${alarms.triggered.join(', ')} is in ALARM`;
  interrupt.give(failure(configuration.alarms?.rollback === true, which).interruption);
}

/** A failure that a monitor found: rolled back, or with rollback switched off left as it is. */
export function failure(rollsBack: boolean, why: string): Interrupted {
  const reason = `Service deployment ${rollsBack ? 'rolled back' : 'stopped'} because ${why}`;
  return new Interrupted({ to: rollsBack ? 'roll-back' : 'stop', reason });
}
