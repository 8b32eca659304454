/** The alarms that watch a deployment: they exist, and none fires already. */
import type { ServiceFacts } from '../facts.ts';
import { type Finding, judged, ng, ok, warn } from '../finding.ts';

export function judgeAlarms({
  alarms,
  configuration,
}: Pick<ServiceFacts, 'alarms' | 'configuration'>): Finding[] {
  const { names, states } = alarms;
  if (names.length === 0) {
    return [
      warn(
        'no alarm watches a deployment',
        `name CloudWatch alarms in checks.alarms of ${configuration.name}: a bake without them only waits`,
      ),
    ];
  }
  const todo = 'create it, or correct checks.alarms';
  return judged(states, { what: 'alarms', todo }, (found) =>
    names.map((name) => {
      const alarm = found.find((one) => one.name === name);
      if (!alarm) return ng(`alarm ${name} does not exist`, todo);
      if (alarm.state !== 'ALARM') return ok(`${name} is ${alarm.state}`);
      return ng(
        `${name} is in ALARM: ${alarm.reason}`,
        'a deployment is refused while it fires; if the deployment is the repair, ask for it with --despite',
      );
    }),
  );
}
