/** The promise, with real processes under load: no request is lost. And the proof that the measure could see one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Synthesis, startSynthesis } from '../../local/demo/assembly.ts';
import { exampleConfigurationPath } from '../../local/demo/example-configuration.ts';
import type { RunOptions } from '../../local/demo/options.ts';
import type { DemoResult } from '../../local/demo/result.ts';
import { runScenario } from '../../local/demo/run-scenario.ts';
import { PRODUCTION_LISTENER_ARN } from '../../local/world/names.ts';
import { findScenario, type Scenario } from '../../local/world/scenarios.ts';
import { exampleAssembly } from '../assembly.ts';
import { type ProcessWatch, watchingProcesses } from './processes.ts';

/** Far more than a run takes, even while other tests have the processor. */
const TEST_LIMIT_MS = 150_000;

type Run = ProcessWatch & { result: DemoResult };

function run(scenario: string | Scenario, options: RunOptions): Promise<Run> {
  return watchingProcesses(() =>
    runScenario(scenario, { leadSeconds: 0.5, rate: 200, limitSeconds: 120, ...options }),
  );
}

function expectNothingLost({ result }: Run): void {
  expect(result.failures).toEqual([]);
  expect(result.requests).toMatchObject({ failed: 0, failedByApplication: 0 });
  const answered = Object.values(result.requests.byVersion).reduce((sum, count) => sum + count, 0);
  expect(answered).toBe(result.requests.sent);
  expect(Object.keys(result.requests.byVersion).sort()).toEqual(['v1', 'v2']);
}

describe('a deployment by a rule of the listener', () => {
  it(
    'loses no request of 200/s, serves the new version, and leaves no process behind',
    async () => {
      const watched = await run('blue-green', { assemblyDirectory: exampleAssembly() });

      const { result, started, alive } = watched;
      expect(result).toMatchObject({ outcome: 'SUCCESSFUL', problems: [], faults: [] });
      expectNothingLost(watched);
      const apps = started().filter((name) => name === 'sample-app.js');
      expect(apps.length).toBeGreaterThanOrEqual(4);
      expect(started()).toEqual(expect.arrayContaining(['proxy.js', 'lambda-child.js']));
      expect(alive()).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  it(
    'whose new version fails under traffic goes back: only the new version’s own answers were wrong',
    async () => {
      const watched = await run('bad-after-shift', { assemblyDirectory: exampleAssembly() });

      const { result, alive } = watched;
      const [blue, green] = result.sides;
      expect(result).toMatchObject({ outcome: 'ROLLBACK_SUCCESSFUL', problems: [], faults: [] });
      expect(result.reason).toContain('orders-5xx');
      expect(result.requests.failed).toBe(0);
      expect(result.requests.failedByApplication).toBeGreaterThan(0);
      expect(result.failures.map(({ reason }) => reason)).not.toContainEqual(expect.stringContaining('v1'));
      expect(blue).toMatchObject({ service: 'orders-a', percent: 100, healthyCount: 2, runningCount: 2 });
      expect(green).toMatchObject({ service: 'orders-b', percent: 0, targetCount: 0, runningCount: 0 });
      expect(alive()).toEqual([]);
    },
    TEST_LIMIT_MS,
  );
});

/** Answers take so long that hundreds are under way whenever anything happens to the tasks that owe them. */
const SLOW_BLUE: Scenario = {
  ...findScenario('blue-green'),
  name: 'slow-blue',
  world: {
    placement: 'listener',
    blueEnvironment: { RESPONSE_MS: '1500' },
    deregistrationDelaySeconds: 60,
  },
};

describe('a deployment by the default action of the listener, of a service that answers slowly', () => {
  let synthesis: Synthesis;
  let assemblyDirectory: string;

  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sidestep-configuration-'));
    try {
      synthesis = startSynthesis(writeConfiguration(directory));
      assemblyDirectory = await synthesis.directory;
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, TEST_LIMIT_MS);
  afterAll(() => synthesis?.stop());

  it(
    'lets every answer finish that was under way at the shift',
    async () => {
      const watched = await run(SLOW_BLUE, { assemblyDirectory });

      const { result, alive } = watched;
      expect(result).toMatchObject({ outcome: 'SUCCESSFUL', problems: [], faults: [] });
      expectNothingLost(watched);
      expect(result.requests.latencyMs.max).toBeGreaterThanOrEqual(1500);
      expect(alive()).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  it(
    'is seen to lose requests if the old version stops without a drain',
    async () => {
      const { result, alive } = await run(SLOW_BLUE, {
        assemblyDirectory,
        sabotage: 'skip-drain',
      });

      expect(result.requests.failed).toBeGreaterThan(0);
      expect(result.problems).toContainEqual(expect.stringContaining('were lost'));
      expect(alive()).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  it(
    'is seen to lose requests if the old version is killed before it is deregistered',
    async () => {
      const { result, alive } = await run(SLOW_BLUE, {
        assemblyDirectory,
        sabotage: 'kill-before-deregister',
      });

      expect(result.requests.failed).toBeGreaterThan(0);
      expect(result.problems).toContainEqual(expect.stringContaining('were lost'));
      expect(alive()).toEqual([]);
    },
    TEST_LIMIT_MS,
  );
});

/** As the example, except that the listener's default action carries the traffic, and the bake is short. */
function writeConfiguration(directory: string): string {
  const path = join(directory, 'sidestep.yaml');
  const { services } = parse(readFileSync(exampleConfigurationPath(), 'utf8'));
  const traffic = { listener: PRODUCTION_LISTENER_ARN, testRule: services.orders.traffic.testRule };
  writeFileSync(path, stringify({ services: { orders: { ...services.orders, traffic, bake: '10s' } } }));
  return path;
}
