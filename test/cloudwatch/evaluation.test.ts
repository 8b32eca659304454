/** How alarms treat missing data: the tables of the CloudWatch guide. */
import { describe, expect, it } from 'vitest';
import type { MissingDataTreatment } from '../../local/cloudwatch/alarm.ts';
import { judgeDatapoints } from '../../local/cloudwatch/evaluation.ts';

const TREATMENTS: MissingDataTreatment[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

/** `0` is not breaching, `X` breaching, `-` missing; the newest comes last, as in the guide. */
function verdicts(picture: string, datapointsToAlarm: number): string[] {
  const newestFirst = [...picture.replaceAll(' ', '')]
    .reverse()
    .map((one, index) => ({ periodStartMs: -index, value: one === '-' ? undefined : one === 'X' ? 9 : 0 }));
  return TREATMENTS.map((treatMissingData) => {
    const rules = {
      evaluationPeriods: 3,
      datapointsToAlarm,
      operator: 'GreaterThanThreshold',
      threshold: 5,
      treatMissingData,
    } as const;
    return judgeDatapoints(rules, newestFirst).verdict;
  });
}

describe('an alarm', () => {
  it.each<[string, string[]]>([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', 'retain', 'ALARM', 'OK']],
    ['- - - - X', ['retain', 'retain', 'ALARM', 'OK']],
  ])('for 3 of 3 datapoints judges %s', (picture, expected) => {
    expect(verdicts(picture, 3)).toEqual(expected);
  });

  it.each<[string, string[]]>([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', 'retain', 'ALARM', 'OK']],
  ])('for 2 of 3 datapoints judges %s', (picture, expected) => {
    expect(verdicts(picture, 2)).toEqual(expected);
  });

  it.each([
    ['GreaterThanThreshold', [false, false, true]],
    ['GreaterThanOrEqualToThreshold', [false, true, true]],
    ['LessThanThreshold', [true, false, false]],
    ['LessThanOrEqualToThreshold', [true, true, false]],
  ] as const)('with %s compares below, at and above the threshold', (operator, expected) => {
    const alarms = [4, 5, 6].map((value) => {
      const rules = {
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        operator,
        threshold: 5,
        treatMissingData: 'missing',
      } as const;
      return judgeDatapoints(rules, [{ periodStartMs: 0, value }]).verdict === 'ALARM';
    });
    expect(alarms).toEqual(expected);
  });
});
