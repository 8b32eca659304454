/** What wiring needs of a local cloud: its simulators' operations, and places for what has no API here. */
import type { FunctionDescription } from '../lambda/function-registry.ts';
import type {
  CloudWatchApi,
  CloudWatchLogsApi,
  DynamoDbApi,
  EventBridgeApi,
  LambdaApi,
  SchedulerApi,
  SfnApi,
  SnsApi,
  SqsApi,
  SsmApi,
} from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import type { Roles } from './iam/roles.ts';

export interface WiringTarget {
  readonly dynamodb: Operations<typeof DynamoDbApi>;
  readonly events: Operations<typeof EventBridgeApi>;
  readonly lambda: Operations<typeof LambdaApi>;
  readonly logs: Operations<typeof CloudWatchLogsApi>;
  readonly monitoring: Operations<typeof CloudWatchApi>;
  readonly scheduler: Operations<typeof SchedulerApi>;
  readonly sns: Operations<typeof SnsApi>;
  readonly sqs: Operations<typeof SqsApi>;
  readonly ssm: Operations<typeof SsmApi>;
  readonly states: Operations<typeof SfnApi>;
  readonly roles: Roles;
  registerFunction(description: FunctionDescription): void;
}
