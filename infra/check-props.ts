/** What green must pass, and who or what judges it, as a CDK user says it. */
import type { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, ISubnet } from 'aws-cdk-lib/aws-ec2';
import type { ICluster, ITaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

/** A request that green must answer before it has traffic. */
export interface HttpCheckProps {
  readonly path: string;
  /** GET, HEAD, POST, PUT or OPTIONS. @default 'GET' */
  readonly method?: string;
  /** Sent instead of the host that the test rule asks for; it must meet the rule too. */
  readonly host?: string;
  /** @default 200 */
  readonly status?: number;
  /** A text that the body must contain. */
  readonly contains?: string;
  /** JSON pointers, such as `/status`, and the texts, numbers or booleans that must stand there. */
  readonly json?: { [pointer: string]: string | number | boolean | null };
  /** How many answers in a row must pass. @default 1 */
  readonly inARow?: number;
  /** The slowest answer that passes. */
  readonly latency?: Duration;
  /** @default 5 seconds */
  readonly timeout?: Duration;
}

/** Where HTTP checks are made from, if the load balancer is internal. */
export interface CheckNetworkProps {
  readonly subnets: ISubnet[];
  readonly securityGroups: ISecurityGroup[];
}

/** A function that says `{"passed": true}` if green is good. */
export interface LambdaCheckProps {
  readonly function: IFunction;
  /** @default 1 minute */
  readonly timeout?: Duration;
}

/** An ECS task whose essential containers all exit with 0 if green is good. */
export interface TaskCheckProps {
  readonly taskDefinition: ITaskDefinition;
  /** @default the cluster of green */
  readonly cluster?: ICluster;
  /** @default 10 minutes */
  readonly timeout?: Duration;
}

/** The comparison of green with blue while both have traffic. */
export interface AnalysisProps {
  /** Requests that each side must have had before its figures count. @default 1000 */
  readonly minimumRequests?: number;
  /** How many times blue's response time green's may be. @default 1.5 */
  readonly tolerance?: number;
  /** @default 1 minute */
  readonly period?: Duration;
  /** How far behind the present CloudWatch's figures are complete. @default 2 minutes */
  readonly lag?: Duration;
  /** What an inconclusive verdict becomes: pause, pass or fail. @default 'pause' */
  readonly otherwise?: string;
}

/** A person's word before traffic moves. */
export interface ApprovalProps {
  /** `before-traffic`, `before-full-traffic` or both. */
  readonly gates: string[];
  /** @default 24 hours */
  readonly timeout?: Duration;
  /** What silence means: reject or approve. @default 'reject' */
  readonly otherwise?: string;
}

/** A one-off task of the new revision, before green takes traffic. */
export interface MigrationProps {
  readonly command: string[];
  /** The container whose command this is. @default the one that receives the image */
  readonly container?: string;
  /** @default 30 minutes */
  readonly timeout?: Duration;
}
