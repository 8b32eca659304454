/** Which states hear a person's order to stop: every one in which green is on its way in, and none on the way back. */
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../lambdas/common/deployment.ts';
import { mayGoOn } from '../../../lambdas/decisions/orders.ts';
import { LOOKS } from '../../../lambdas/waits/looks.ts';

/** They end a rollback, or a deployment that is good; these judge the order for themselves, because of what they run. */
const NOT_STOPPED = {
  backwards: ['WaitForBlue', 'StopGreen', 'StopServiceDeployment'],
  good: ['Standby', 'DrainBlue'],
  forThemselves: ['RunMigration', 'RunChecks'],
};

const waits = Object.keys(LOOKS).filter((state) => !Object.values(NOT_STOPPED).flat().includes(state));

const said = (name: Signal['name']) => ({
  signals: { one: { name, by: 'arn:aws:iam::123456789012:role/ada', atMs: 1 } },
});

describe('a wait', () => {
  it.each(waits)('%s ends by abort and by rollback, and by no other word', (state) => {
    for (const name of ['abort', 'rollback'] as const)
      expect(mayGoOn(state, said(name), 2)).toMatchObject({ stop: true, because: 'aborted' });
    for (const name of ['approve', 'promote', 'pause', 'resume'] as const)
      expect(mayGoOn(state, said(name), 2)).toEqual({ stop: false });
  });

  it.each(Object.values(NOT_STOPPED).flat())('%s is not cut short', (state) => {
    expect(Object.keys(LOOKS)).toContain(state);
    expect(mayGoOn(state, said('abort'), 2)).toEqual({ stop: false });
  });
});
