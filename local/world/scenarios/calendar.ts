/** Scenarios of the right time: a window that is closed, and a push of which no event tells. */
import { type Scenario, V1_SERVES } from './scenario.ts';

const common = { ...V1_SERVES, strategy: 'all-at-once', expectedOutcome: 'SUCCESSFUL' } as const;

export const AT_THEIR_TIME: readonly Scenario[] = [
  {
    ...common,
    name: 'window',
    says: 'v2 is pushed outside of the windows: it waits, and starts by itself when one opens',
    service: { windows: [{ opens: 'cron(0/6 * * * ? *)', for: '2m', timeZone: 'UTC' }], bake: '20s' },
    pushesAt: { minute: 4, of: 6 },
  },
  {
    ...common,
    name: 'lost-push',
    says: "no event tells of v2's push: the sweep finds it in ECR, and deploys it",
    service: { bake: '20s' },
    losesPushEvents: true,
  },
];
