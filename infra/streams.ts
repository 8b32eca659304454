/** What follows the table's stream: the functions that tell and publish what deployments do. */
import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type STREAM_HANDLERS, stateName } from './handler-names.ts';
import type { Handlers } from './handlers.ts';
import { policyOf } from './policy-dependency.ts';

type StreamHandler = (typeof STREAM_HANDLERS)[number];

/** An item that is new or was changed: what goes by its time to live is no news. */
const WRITTEN = { eventName: ['INSERT', 'MODIFY'] };
const partitions = (...names: readonly string[]) => ({ pk: { S: names } });
const kinds = (...prefixes: readonly string[]) => ({ sk: { S: prefixes.map((prefix) => ({ prefix })) } });

/** Which changes each of them is called with. */
const FILTERS: Readonly<Record<StreamHandler, readonly object[]>> = {
  'tell-transitions': [
    { ...WRITTEN, dynamodb: { Keys: kinds('deployment#', 'word#') } },
    { ...WRITTEN, dynamodb: { Keys: partitions('waiting', 'locks') } },
  ],
  'publish-deployment': [
    { ...WRITTEN, dynamodb: { Keys: { sk: { S: ['last-good'] } } } },
    {
      ...WRITTEN,
      dynamodb: { Keys: kinds('deployment#'), NewImage: { outcome: { S: [{ exists: true }] } } },
    },
  ],
};

/** People may wait so long for a message: a deployment's changes come in fewer calls then. */
const WINDOW_SECONDS = 2;
const BATCH_SIZE = 100;
/** About an hour: a record on which the code itself fails must not keep the others waiting for a day. */
const RETRIES_MAX = 60;

/**
 * A deployment never waits for them, and none of it fails with them. What cannot be told is tried again, in order, for
 * about an hour; then the queue is told of it.
 */
export function followTable(
  parent: Construct,
  streamArn: string,
  handlers: Handlers,
  deadLetters: IQueue,
): void {
  const scope = new Construct(parent, 'Streams');
  for (const name of Object.keys(FILTERS) as StreamHandler[]) {
    const handler = handlers[name];
    const mapping = new CfnEventSourceMapping(scope, stateName(name), {
      functionName: handler.functionName,
      eventSourceArn: streamArn,
      startingPosition: 'TRIM_HORIZON',
      batchSize: BATCH_SIZE,
      maximumBatchingWindowInSeconds: WINDOW_SECONDS,
      maximumRetryAttempts: RETRIES_MAX,
      bisectBatchOnFunctionError: true,
      functionResponseTypes: ['ReportBatchItemFailures'],
      filterCriteria: { filters: FILTERS[name].map((filter) => ({ pattern: JSON.stringify(filter) })) },
      destinationConfig: { onFailure: { destination: deadLetters.queueArn } },
    });
    // Lambda asks at once whether the role may read the stream.
    if (handler.role) mapping.addResourceDependency(policyOf(handler.role));
  }
  new Rule(scope, 'Republish', {
    description: 'Sidestep: write again what is deployed, if somebody or something has changed it',
    schedule: Schedule.rate(Duration.hours(1)),
    targets: [
      {
        bind: () => ({
          arn: handlers['publish-deployment'].functionArn,
          retryPolicy: { maximumRetryAttempts: 0 },
        }),
      },
    ],
  });
}
