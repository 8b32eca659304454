/** Scenarios in which a person has a word: gates, pauses, promotions, aborts, standby. */
import { type Scenario, V1_SERVES } from './scenario.ts';

const common = { ...V1_SERVES, strategy: 'all-at-once' } as const;
const GATED = { approval: { gates: ['before-traffic'], timeout: '1h' }, bake: '20s' };
const STANDBY = { keepBlue: '1m', bake: '20s' };

export const WITH_OPERATOR: readonly Scenario[] = [
  {
    ...common,
    name: 'approval',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 is verified and waits for a person, who approves',
    service: GATED,
    operator: [{ in: 'WaitForApproval', signal: 'approve', reason: 'looks good' }],
  },
  {
    ...common,
    name: 'rejected',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 is verified and waits for a person, who rejects it: it is stopped without having had traffic',
    service: GATED,
    operator: [{ in: 'WaitForApproval', signal: 'reject', reason: 'not today' }],
  },
  {
    ...V1_SERVES,
    name: 'pause',
    strategy: 'canary',
    expectedOutcome: 'SUCCESSFUL',
    says: 'a person pauses the canary, looks around, and resumes it',
    service: { strategy: { type: 'canary', percent: 10, bake: '30s' }, bake: '20s' },
    operator: [
      { in: 'Bake', signal: 'pause', reason: 'what is that?' },
      { in: 'Pause', signal: 'resume', reason: 'nothing' },
    ],
  },
  {
    ...V1_SERVES,
    name: 'promote',
    strategy: 'canary',
    expectedOutcome: 'SUCCESSFUL',
    says: 'a person ends an hour of canary after ten seconds',
    service: { strategy: { type: 'canary', percent: 10, bake: '1h' }, bake: '20s' },
    operator: [{ in: 'Bake', signal: 'promote', reason: 'seen enough' }],
  },
  {
    ...V1_SERVES,
    name: 'abort',
    strategy: 'canary',
    expectedOutcome: 'STOPPED',
    says: 'a person aborts the canary: v1 takes everything back, and v2 is stopped',
    service: { strategy: { type: 'canary', percent: 10, bake: '1h' }, bake: '20s' },
    operator: [{ in: 'Bake', signal: 'abort', reason: 'the wrong ticket' }],
  },
  {
    ...common,
    name: 'standby',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 serves while v1 stands by for a minute; nobody wants it back, and it stops',
    service: STANDBY,
  },
  {
    ...common,
    name: 'standby-rollback',
    expectedOutcome: 'ROLLBACK_SUCCESSFUL',
    says: 'v2 serves while v1 stands by; a person wants v1 back, which is one write to the listener',
    service: { ...STANDBY, keepBlue: '1h' },
    operator: [{ in: 'Standby', signal: 'rollback', reason: 'a customer called' }],
  },
  {
    ...common,
    name: 'rollback',
    expectedOutcome: 'SUCCESSFUL',
    says: 'v2 has taken over and v1 is gone; a person rolls back: v1 is deployed again on its own revision, and v3, pushed then, is not deployed',
    service: { bake: '20s' },
    beforehand: { tag: 'v2' },
    request: { service: 'orders', rollback: true },
    afterwards: { tag: 'v3', expectedOutcome: 'NOTHING_TO_DEPLOY' },
  },
];
