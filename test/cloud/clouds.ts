/** Both modes of the local cloud behind one face, for tests that must hold in either. */
import { onTestFinished } from 'vitest';
import type { LocalCloud } from '../../local/cloud.ts';
import { startLocalCloud } from '../../local/start.ts';
import { createVirtualCloud } from '../../local/virtual.ts';

export type Mode = 'virtual' | 'processes' | 'processes at twenty times the speed';

export interface TestCloud extends LocalCloud {
  clientConfiguration(caller: string): Record<string, unknown>;
  /** Lets cloud time pass until the condition holds; fails after `limitSeconds` of it. */
  until(condition: () => boolean, limitSeconds?: number): Promise<void>;
}

/** Starts a cloud that ends with the test. */
export async function startCloud(mode: Mode): Promise<TestCloud> {
  const cloud = mode === 'virtual' ? await virtual() : await processes(mode === 'processes' ? 1 : 20);
  onTestFinished(() => cloud.close());
  return cloud;
}

async function virtual(): Promise<TestCloud> {
  const cloud = await createVirtualCloud({ seed: 'test' });
  return {
    ...cloud,
    async until(condition, limitSeconds = 600) {
      if (!(await cloud.clock.run(condition, limitSeconds * 1000)))
        throw new Error(`not within ${limitSeconds} s`);
    },
  };
}

async function processes(factor: number): Promise<TestCloud> {
  const cloud = await startLocalCloud({ factor });
  return {
    ...cloud,
    async until(condition, limitSeconds = 15) {
      const endMs = cloud.clock.now() + limitSeconds * 1000 * factor;
      while (!condition()) {
        if (cloud.clock.now() > endMs) throw new Error(`not within ${limitSeconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
