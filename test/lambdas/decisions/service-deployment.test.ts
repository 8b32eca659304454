/** What ECS's words of a service deployment mean for ours. */
import { describe, expect, it } from 'vitest';
import {
  begunAfter,
  describeEnd,
  describeProgress,
  gateAt,
  hasTraffic,
  isOpen,
  judgeServiceDeployment,
  pausesOf,
  supersededBy,
} from '../../../lambdas/decisions/service-deployment.ts';

const ARN = 'arn:aws:ecs:us-east-1:000000000000:service-deployment/prod/orders/';
const briefs = ['c', 'b', 'a'].map((id) => ({ serviceDeploymentArn: `${ARN}${id}` }));

describe('the status of a service deployment', () => {
  it.each([
    ['PENDING', 'underWay'],
    ['IN_PROGRESS', 'underWay'],
    ['SOMETHING_NEW', 'underWay'],
    ['SUCCESSFUL', 'successful'],
    ['STOP_REQUESTED', 'ending'],
    ['ROLLBACK_REQUESTED', 'ending'],
    ['ROLLBACK_IN_PROGRESS', 'ending'],
    ['STOPPED', 'stopped'],
    ['ROLLBACK_SUCCESSFUL', 'rolledBack'],
    ['ROLLBACK_FAILED', 'rollbackFailed'],
  ])('%s is %s', (status, is) => {
    expect(judgeServiceDeployment({ status })).toEqual({ is });
  });

  it('is never taken for a success because it is not there', () => {
    expect(judgeServiceDeployment({}).is).toBe('underWay');
  });

  it.each(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'])(
    '%s has ended: a new one would cut nothing off',
    (status) => {
      expect(isOpen({ status })).toBe(false);
    },
  );

  it('is open while ECS still rolls back', () => {
    expect(isOpen({ status: 'ROLLBACK_IN_PROGRESS' })).toBe(true);
  });
});

describe('which service deployment is ours', () => {
  it('is one begun after the newest that was there before', () => {
    expect(begunAfter(briefs, `${ARN}a`)).toEqual(briefs.slice(0, 2));
    expect(begunAfter(briefs, `${ARN}c`)).toEqual([]);
  });

  it('is any of them if there was none before, or it is too old to be listed', () => {
    expect(begunAfter(briefs, 'none')).toEqual(briefs);
  });

  it('is superseded by the newest, if that is another', () => {
    expect(supersededBy(briefs, `${ARN}b`)).toBe(`${ARN}c`);
    expect(supersededBy(briefs, `${ARN}c`)).toBeUndefined();
    expect(supersededBy(briefs, `${ARN}unlisted`)).toBeUndefined();
  });
});

describe('a stage', () => {
  it.each([
    ['PRE_SCALE_UP', 'before-traffic'],
    ['POST_TEST_TRAFFIC_SHIFT', 'before-traffic'],
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'before-full-traffic'],
    ['POST_PRODUCTION_TRAFFIC_SHIFT', undefined],
  ])('%s is gate %s', (stage, gate) => {
    expect(gateAt(stage)).toBe(gate);
  });

  it('makes alarms green’s once it has, or was promised, traffic', () => {
    expect(hasTraffic({ lifecycleStage: 'BAKE_TIME' })).toBe(true);
    const requestedProductionTrafficWeight = 10;
    const lifecycleStage = 'PRE_PRODUCTION_TRAFFIC_SHIFT';
    expect(hasTraffic({ lifecycleStage, targetServiceRevision: { requestedProductionTrafficWeight } })).toBe(
      true,
    );
    expect(hasTraffic({ lifecycleStage })).toBe(false);
    expect(hasTraffic({ lifecycleStage: 'SCALE_UP' })).toBe(false);
  });

  it('waits for a person only at PAUSE hooks that await an action', () => {
    const waits = { hookId: 'p1', targetType: 'PAUSE', status: 'AWAITING_ACTION' };
    const lifecycleHookDetails = [
      { hookId: 'l1', targetType: 'AWS_LAMBDA', status: 'IN_PROGRESS' },
      { hookId: 'p0', targetType: 'PAUSE', status: 'SUCCEEDED' },
      waits,
    ];
    expect(pausesOf({ lifecycleHookDetails })).toEqual([waits]);
  });
});

describe('words for people', () => {
  it('give the end with ECS’s reason', () => {
    const facts = { serviceDeploymentArn: `${ARN}a`, status: 'ROLLBACK_SUCCESSFUL', statusReason: 'alarm' };
    expect(describeEnd(facts)).toBe('service deployment a ended ROLLBACK_SUCCESSFUL: alarm');
  });

  it('give the progress in tasks and traffic', () => {
    const targetServiceRevision = {
      requestedTaskCount: 2,
      runningTaskCount: 1,
      requestedProductionTrafficWeight: 10,
    };
    expect(
      describeProgress({ status: 'IN_PROGRESS', lifecycleStage: 'SCALE_UP', targetServiceRevision }),
    ).toBe('IN_PROGRESS SCALE_UP, 1 of 2 tasks run, 10 % of the traffic');
  });
});
