/** Step Functions Execution Status Change, as Step Functions puts it on the bus. */
import type { Platform } from '../platform.ts';
import type { Execution } from './execution.ts';
import { byteLength } from './json.ts';

/** Above it, input and output are left out of the event. */
const INCLUDED_BYTES_MAX = 248 * 1024;

/** Dates are epoch milliseconds here, unlike everywhere in the API. Source: "EventBridge events" of the developer guide. */
export function emitStatusChange(platform: Platform, execution: Execution): void {
  const { arn, revision, name, status, startedAtMs, stoppedAtMs, input, output, error, cause } = execution;
  const isIncluded = (text: string): boolean => byteLength(text) <= INCLUDED_BYTES_MAX;
  platform.emit({
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn: revision.stateMachineArn,
      name,
      status,
      startDate: startedAtMs,
      stopDate: stoppedAtMs ?? null,
      input: isIncluded(input) ? input : null,
      inputDetails: { included: isIncluded(input) },
      output: output !== undefined && isIncluded(output) ? output : null,
      outputDetails: output === undefined ? null : { included: isIncluded(output) },
      error: error ?? null,
      cause: cause ?? null,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: null,
    },
    timeMs: stoppedAtMs ?? startedAtMs,
  });
}
