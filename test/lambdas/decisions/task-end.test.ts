/** When a one-off task ended well. */
import { describe, expect, it } from 'vitest';
import { judgeTaskEnd } from '../../../lambdas/decisions/task-end.ts';

const DEFINITION = [{ name: 'app' }, { name: 'proxy', essential: true }, { name: 'agent', essential: false }];
const ended = (app?: number, proxy?: number, agent?: number) => ({
  stopCode: 'EssentialContainerExited',
  containers: [
    { name: 'app', exitCode: app },
    { name: 'proxy', exitCode: proxy },
    { name: 'agent', exitCode: agent },
  ],
});

describe('a one-off task', () => {
  it('has passed if every essential container exited with 0, whatever the others did', () => {
    expect(judgeTaskEnd(ended(0, 0, 137), DEFINITION)).toEqual({ passed: true });
  });

  it.each([
    [ended(1, 0, 0), 'app exited with code 1'],
    [ended(0, 143, 0), 'proxy exited with code 143'],
    [ended(undefined, 0, 0), 'app never started'],
    [{ stopCode: 'TaskFailedToStart', containers: [] }, 'app never started, proxy never started'],
    [{ ...ended(0, 0, 0), stopCode: 'UserInitiated', stoppedReason: 'enough' }, 'it was stopped: enough'],
  ])('has failed otherwise: %#', (task, reason) => {
    expect(judgeTaskEnd(task, DEFINITION)).toEqual({ passed: false, reason });
  });
});
