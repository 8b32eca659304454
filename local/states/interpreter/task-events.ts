/** The events of a Task's attempt: one set for an integration, another for a function called by its ARN. */
import type { Resource } from '../definition/machine.ts';
import type { EventDetails, HistoryEventType } from '../history.ts';
import type { Json } from '../json.ts';
import { type Branch, record } from './branch.ts';

export interface TaskEvents {
  scheduled(args: Json, timeoutSeconds: number | undefined, heartbeatSeconds: number | undefined): void;
  started(): void;
  submitted(output: Json): void;
  succeeded(output: Json): void;
  failed(error: string | undefined, cause: string | undefined): void;
  timedOut(error: string): void;
}

const WHOLE = { truncated: false };

export function taskEvents(branch: Branch, resource: Resource): TaskEvents {
  return resource.kind === 'function'
    ? functionEvents(branch, resource.functionArn)
    : integrationEvents(branch, resource);
}

/** Members without those that are undefined: a history shows no empty ones. */
function present<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

function functionEvents(branch: Branch, resource: string): TaskEvents {
  const add = (type: HistoryEventType, details?: EventDetails): void => void record(branch, type, details);
  return {
    scheduled: (args, timeoutInSeconds) => {
      const details = present({
        resource,
        input: JSON.stringify(args),
        inputDetails: WHOLE,
        timeoutInSeconds,
      });
      add('LambdaFunctionScheduled', { lambdaFunctionScheduledEventDetails: details });
    },
    started: () => add('LambdaFunctionStarted'),
    submitted: () => {},
    succeeded: (output) =>
      add('LambdaFunctionSucceeded', {
        lambdaFunctionSucceededEventDetails: { output: JSON.stringify(output), outputDetails: WHOLE },
      }),
    failed: (error, cause) =>
      add('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: present({ error, cause }) }),
    timedOut: (error) => add('LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: { error } }),
  };
}

function integrationEvents(
  branch: Branch,
  { integration, waitsForTaskToken }: Extract<Resource, { kind: 'integration' }>,
): TaskEvents {
  const add = (type: HistoryEventType, details: EventDetails): void => void record(branch, type, details);
  const colon = integration.lastIndexOf(':');
  const action = integration.slice(colon + 1);
  const called = {
    resourceType: integration.slice(0, colon),
    resource: waitsForTaskToken ? `${action}.waitForTaskToken` : action,
  };
  return {
    scheduled: (args, timeoutInSeconds, heartbeatInSeconds) => {
      const parameters = JSON.stringify(args);
      const details = present({
        ...called,
        region: branch.run.region,
        parameters,
        timeoutInSeconds,
        heartbeatInSeconds,
      });
      add('TaskScheduled', { taskScheduledEventDetails: details });
    },
    started: () => add('TaskStarted', { taskStartedEventDetails: called }),
    submitted: (output) =>
      add('TaskSubmitted', {
        taskSubmittedEventDetails: { ...called, output: JSON.stringify(output), outputDetails: WHOLE },
      }),
    succeeded: (output) =>
      add('TaskSucceeded', {
        taskSucceededEventDetails: { ...called, output: JSON.stringify(output), outputDetails: WHOLE },
      }),
    failed: (error, cause) =>
      add('TaskFailed', { taskFailedEventDetails: present({ ...called, error, cause }) }),
    timedOut: (error) => add('TaskTimedOut', { taskTimedOutEventDetails: { ...called, error } }),
  };
}
