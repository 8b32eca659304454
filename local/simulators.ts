/** What the simulators need of each other: small ports, so that each can be built and tested alone. */

/** ELBv2, as ECS uses it. */
export interface TargetRegistry {
  /** @throws AwsError `TargetGroupNotFoundException` */
  register(targetGroupArn: string, target: { id: string; port: number }): void;
  /** Begins the deregistration delay. Deregistering an unknown target does nothing. */
  deregister(targetGroupArn: string, target: { id: string; port: number }): void;
  /** The state as DescribeTargetHealth would give it (`unused` if not registered). */
  healthOf(
    targetGroupArn: string,
    target: { id: string; port: number },
  ): { state: string; reason?: string; description?: string };
  /** Calls `changed` whenever any target's state or reason changes; the result unsubscribes. */
  onChange(changed: (targetGroupArn: string, target: { id: string; port: number }) => void): () => void;
}

/** The forward action of one listener rule: its target groups with their weights, as written. */
export interface RuleForward {
  /** Weight by target group ARN, in the action's own order. */
  readonly weights: ReadonlyMap<string, number>;
  /** Types of the rule's actions before the forward. */
  readonly otherActions: readonly string[];
  /** Whether it is a Network Load Balancer's listener. */
  readonly isNetwork: boolean;
}

/**
 * ELBv2's listener rules, and the listeners of Network Load Balancers, as ECS uses them to shift traffic by itself: no
 * API call is made or counted.
 */
export interface ListenerRules {
  /** @returns undefined if the rule does not exist or does not forward */
  forwardOf(ruleArn: string): RuleForward | undefined;
  /**
   * Gives the rule's forward these groups with these weights; the rest of the action stays as it is.
   * @throws AwsError as ModifyRule does
   */
  setWeights(ruleArn: string, weights: ReadonlyMap<string, number>): void;
}

/** CloudWatch's alarms, as ECS looks at them during a deployment. */
export interface AlarmStates {
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`; undefined if there is no alarm of that name. */
  stateOf(alarmName: string): string | undefined;
}

/** Lambda, as ECS invokes lifecycle hooks: waits for the answer. @throws AwsError if there is no such function */
export type InvokeHook = (
  functionArn: string,
  event: unknown,
) => Promise<{ payload: unknown } | { error: { errorType: string; errorMessage: string } }>;

/** ECR, as ECS uses it. */
export interface ImageStore {
  /**
   * Resolves `registry/repository:tag` or `…@sha256:…`.
   * @returns undefined if there is no such image (ECS: CannotPullContainerError).
   */
  resolve(imageUri: string): LocalImage | undefined;
}

/** An image of the local cloud: its manifest's annotations say which local command it stands for. */
export interface LocalImage {
  digest: string;
  command: string[];
  environment: Record<string, string>;
}

/** Manifest annotations of a local image: a JSON array of strings, and a JSON object of strings. */
export const COMMAND_ANNOTATION = 'dev.sidestep.local.command';
export const ENVIRONMENT_ANNOTATION = 'dev.sidestep.local.environment';
/** How ECR's scan of it ends: a JSON object such as `{"seconds": 60, "findings": {"CRITICAL": 1}}` or `{"status": "FAILED"}`. */
export const SCAN_ANNOTATION = 'dev.sidestep.local.scan';
/** How ECR's signatures of it end: COMPLETE, FAILED, or IN_PROGRESS for one that never ends. */
export const SIGNING_ANNOTATION = 'dev.sidestep.local.signing';

/** CloudWatch Logs, as ECS's awslogs driver and Lambda use it. */
export interface LogSink {
  /** Appends a line, making group and stream if need be. */
  append(logGroup: string, logStream: string, line: string): void;
}

/** CloudWatch, as ELBv2 and others feed it. */
export interface MetricSink {
  /**
   * `values` are samples; a count is one sample each of the count's value.
   * @param atMs when they were taken; now, if it is not given
   */
  record(
    namespace: string,
    metric: string,
    dimensions: Record<string, string>,
    values: readonly number[],
    unit?: string,
    atMs?: number,
  ): void;
}

/** Delivery to an ARN (Lambda function, state machine, SNS topic, SQS queue), as EventBridge, alarms and SNS use it. */
export type Deliver = (targetArn: string, payload: unknown) => Promise<void>;

/** One change of a table's item, as Lambda is given it: images in DynamoDB JSON. */
export interface ChangeRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Seconds since the epoch. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Readonly<Record<string, unknown>>;
    readonly NewImage?: Readonly<Record<string, unknown>>;
    readonly OldImage?: Readonly<Record<string, unknown>>;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  readonly eventSourceARN: string;
  /** DynamoDB itself, where an item's time to live was over. */
  readonly userIdentity?: { readonly type: string; readonly principalId: string };
}

/** The streams of tables, as Lambda's event source mappings follow them. */
export interface ChangeStreams {
  /**
   * Calls `follow` with every record from now on, in the order of the changes, within the write itself.
   * @returns ends it
   * @throws AwsError `ResourceNotFoundException`
   */
  follow(streamArn: string, follow: (record: ChangeRecord) => void): () => void;
}
