/** Scenarios of which image is deployed: versions and their order, and what a scan has found. */
import { type Scenario, V1_SERVES } from './scenario.ts';

const common = { ...V1_SERVES, strategy: 'all-at-once' } as const;

export const IMAGES: readonly Scenario[] = [
  {
    ...common,
    name: 'semver',
    expectedOutcome: 'SUCCESSFUL',
    says: 'version 1.4.0 is deployed; then a hotfix of the older line is pushed, 1.3.9, and does not take its place',
    service: { image: { tags: { semver: '>=1.0.0', glob: undefined } }, bake: '20s' },
    tag: '1.4.0',
    afterwards: { tag: '1.3.9', expectedOutcome: 'NOTHING_TO_DEPLOY' },
  },
  {
    ...common,
    name: 'bad-scan',
    expectedOutcome: 'REFUSED',
    says: 'v2 waits for its scan, which finds something critical: it is refused before anything of it starts',
    service: { image: { scan: { atMost: 'HIGH' } } },
    world: { scanOnPush: true },
    findings: { CRITICAL: 1, LOW: 12 },
  },
];
