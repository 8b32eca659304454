/** The operations of the Step Functions API. */
import { refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { SfnApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { readDefinition } from './definition/definition.ts';
import type { Execution } from './execution.ts';
import type { Executions } from './executions.ts';
import { withoutData } from './history.ts';
import { DATA_BYTES_MAX, type Json } from './json.ts';
import { checkLength } from './lengths.ts';
import { checkName } from './names.ts';
import { pageOf } from './pages.ts';
import type { Revision, StateMachine, StateMachines } from './state-machines.ts';
import type { TaskTokens } from './task-tokens.ts';

export interface Parts {
  stateMachines: StateMachines;
  executions: Executions;
  tokens: TaskTokens;
  knowsIntegration(name: string): boolean;
}

export type SfnOperations = Operations<typeof SfnApi>;

export function createOperations(parts: Parts): SfnOperations {
  return {
    ...stateMachineOperations(parts),
    ...executionOperations(parts),
    ...taskOperations(parts),
    ...tagOperations(parts),
  };
}

function stateMachineOperations({ stateMachines, executions, knowsIntegration }: Parts): SfnOperations {
  return {
    CreateStateMachine(input) {
      refuseMembers('CreateStateMachine', input, ['encryptionConfiguration', 'versionDescription']);
      if (input.publish) refuseMembers('CreateStateMachine', input, ['publish']);
      if (input.type === 'EXPRESS') refuseMembers('CreateStateMachine of EXPRESS', input, ['type']);
      const {
        name = '',
        definition = '',
        roleArn = '',
        loggingConfiguration,
        tracingConfiguration,
        tags,
      } = input;
      checkName(name);
      const settings = { definition, roleArn, loggingConfiguration, tracingConfiguration };
      const machine = stateMachines.create(name, settings, tagMap(tags));
      return { stateMachineArn: machine.arn, creationDate: new Date(machine.createdAtMs) };
    },
    UpdateStateMachine(input) {
      refuseMembers('UpdateStateMachine', input, ['encryptionConfiguration', 'versionDescription']);
      if (input.publish) refuseMembers('UpdateStateMachine', input, ['publish']);
      const { stateMachineArn = '', definition, roleArn, loggingConfiguration, tracingConfiguration } = input;
      const change = { definition, roleArn, loggingConfiguration, tracingConfiguration };
      if (Object.values(change).every((value) => value === undefined)) {
        throw new AwsError(
          'MissingRequiredParameter',
          'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
        );
      }
      const { revision } = stateMachines.update(stateMachineArn, change);
      return { updateDate: new Date(revision.updatedAtMs), revisionId: revision.revisionId };
    },
    DescribeStateMachine({ stateMachineArn = '' }) {
      const { revision, createdAtMs } = stateMachines.get(stateMachineArn);
      const dates = { creationDate: new Date(createdAtMs) };
      return { stateMachineArn, status: 'ACTIVE', type: 'STANDARD', ...describeRevision(revision), ...dates };
    },
    DescribeStateMachineForExecution({ executionArn = '' }) {
      const { revision } = executions.get(executionArn);
      const { stateMachineArn, updatedAtMs } = revision;
      return { stateMachineArn, updateDate: new Date(updatedAtMs), ...describeRevision(revision) };
    },
    ListStateMachines({ maxResults, nextToken }) {
      const byName = stateMachines.all().sort((a, b) => (a.name < b.name ? -1 : 1));
      const page = pageOf(byName, { subject: 'stateMachines', reverse: false, maxResults, nextToken });
      return { stateMachines: page.items.map(listStateMachine), nextToken: page.nextToken };
    },
    DeleteStateMachine({ stateMachineArn = '' }) {
      stateMachines.delete(stateMachineArn);
      return {};
    },
    ValidateStateMachineDefinition(input) {
      if (input.type === 'EXPRESS')
        refuseMembers('ValidateStateMachineDefinition of EXPRESS', input, ['type']);
      const { diagnostics } = readDefinition(input.definition ?? '', knowsIntegration);
      const shown = diagnostics.slice(0, input.maxResults || 100);
      return {
        result: diagnostics.length === 0 ? 'OK' : 'FAIL',
        diagnostics: shown.map((diagnostic) => ({ severity: 'ERROR', ...diagnostic })),
        truncated: shown.length < diagnostics.length,
      };
    },
  };
}

function describeRevision({
  name,
  definition,
  roleArn,
  revisionId,
  loggingConfiguration,
  tracingConfiguration,
}: Revision) {
  return {
    name,
    definition,
    roleArn,
    loggingConfiguration: loggingConfiguration ?? { level: 'OFF' as const, includeExecutionData: false },
    tracingConfiguration: tracingConfiguration ?? { enabled: false },
    revisionId,
  };
}

function listStateMachine({ arn, name, createdAtMs }: StateMachine): SfnApi.StateMachineListItem {
  return { stateMachineArn: arn, name, type: 'STANDARD', creationDate: new Date(createdAtMs) };
}

function executionOperations({ stateMachines, executions }: Parts): SfnOperations {
  return {
    StartExecution({ stateMachineArn = '', name, input = '{}' }) {
      const { revision } = stateMachines.get(stateMachineArn);
      const { arn, startedAtMs } = executions.start(revision, name, input);
      return { executionArn: arn, startDate: new Date(startedAtMs) };
    },
    StopExecution({ executionArn = '', error, cause }) {
      checkFailure(error, cause);
      const { stoppedAtMs = 0 } = executions.stop(executionArn, error, cause);
      return { stopDate: new Date(stoppedAtMs) };
    },
    DescribeExecution({ executionArn = '' }) {
      return describeExecution(executions.get(executionArn));
    },
    ListExecutions(input) {
      refuseMembers('ListExecutions', input, ['mapRunArn']);
      const { stateMachineArn = '', statusFilter, redriveFilter, maxResults, nextToken } = input;
      if (statusFilter === 'PENDING_REDRIVE')
        refuseMembers('ListExecutions of PENDING_REDRIVE', input, ['statusFilter']);
      stateMachines.get(stateMachineArn);
      // Nothing is ever redriven here.
      const found =
        redriveFilter === 'REDRIVEN'
          ? []
          : executions.list(stateMachineArn, statusFilter as Execution['status'] | undefined);
      const page = pageOf(found, {
        subject: `executions/${stateMachineArn}/${statusFilter}`,
        reverse: true,
        maxResults,
        nextToken,
      });
      return { executions: page.items.map(listExecution), nextToken: page.nextToken };
    },
    GetExecutionHistory({
      executionArn = '',
      maxResults,
      nextToken,
      reverseOrder = false,
      includeExecutionData = true,
    }) {
      const { events } = executions.get(executionArn).history;
      const subject = `history/${executionArn}/${reverseOrder}`;
      const page = pageOf(events, { subject, reverse: reverseOrder, maxResults, nextToken });
      return {
        events: includeExecutionData ? page.items : page.items.map(withoutData),
        nextToken: page.nextToken,
      };
    },
  };
}

function describeExecution(execution: Execution): SfnApi.DescribeExecutionOutput {
  const { input, output, error, cause } = execution;
  return {
    ...listExecution(execution),
    input,
    inputDetails: { included: true },
    output,
    outputDetails: output === undefined ? undefined : { included: true },
    error,
    cause,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'the local cloud does not redrive executions',
  };
}

function listExecution({
  arn,
  revision,
  name,
  status,
  startedAtMs,
  stoppedAtMs,
}: Execution): SfnApi.ExecutionListItem {
  return {
    executionArn: arn,
    stateMachineArn: revision.stateMachineArn,
    name,
    status,
    startDate: new Date(startedAtMs),
    stopDate: stoppedAtMs === undefined ? undefined : new Date(stoppedAtMs),
    redriveCount: 0,
  };
}

function taskOperations({ tokens }: Parts): SfnOperations {
  return {
    SendTaskSuccess({ taskToken = '', output = '' }) {
      tokens.answer(taskToken, { output: parseOutput(output) });
      return {};
    },
    SendTaskFailure({ taskToken = '', error, cause }) {
      checkFailure(error, cause);
      tokens.answer(taskToken, { error, cause });
      return {};
    },
    SendTaskHeartbeat({ taskToken = '' }) {
      tokens.heartbeat(taskToken);
      return {};
    },
  };
}

const ERROR_MAX = 256;
const CAUSE_MAX = 32_768;

function checkFailure(error = '', cause = ''): void {
  checkLength('error', error, ERROR_MAX);
  checkLength('cause', cause, CAUSE_MAX);
}

function parseOutput(output: string): Json {
  checkLength('output', output, DATA_BYTES_MAX);
  try {
    return JSON.parse(output) as Json;
  } catch (error) {
    throw new AwsError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
  }
}

function tagOperations({ stateMachines }: Parts): SfnOperations {
  const tagged = (arn = ''): StateMachine => {
    try {
      return stateMachines.get(arn);
    } catch (error) {
      if (error instanceof AwsError && error.code === 'StateMachineDoesNotExist') {
        throw new AwsError('ResourceNotFound', `Resource not found: '${arn}'`, {
          fields: { resourceName: arn },
        });
      }
      throw error;
    }
  };
  return {
    ListTagsForResource({ resourceArn }) {
      return { tags: [...tagged(resourceArn).tags].map(([key, value]) => ({ key, value })) };
    },
    TagResource({ resourceArn, tags }) {
      const machine = tagged(resourceArn);
      for (const [key, value] of tagMap(tags)) machine.tags.set(key, value);
      return {};
    },
    UntagResource({ resourceArn, tagKeys = [] }) {
      const machine = tagged(resourceArn);
      for (const key of tagKeys) machine.tags.delete(key);
      return {};
    },
  };
}

function tagMap(tags: SfnApi.Tag[] | undefined): Map<string, string> {
  return new Map((tags ?? []).map(({ key = '', value = '' }) => [key, value]));
}
