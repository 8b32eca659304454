/** The names and ARNs that stand at the leaves of a configuration. */
import * as z from 'zod/mini';
import { SHAPES } from './arn.ts';

/** True for a text whose value is not known yet (a CDK token); its form cannot be checked. */
export type IsKnownLater = (text: string) => boolean;

export type Vocabulary = ReturnType<typeof vocabulary>;

export function vocabulary(isKnownLater: IsKnownLater) {
  const word = (shape: RegExp, allowed: string) =>
    z.string({ error: allowed }).check(
      z.refine((text) => isKnownLater(text) || shape.test(text), { error: allowed }),
      z.meta({ pattern: shape.source, description: sentence(allowed) }),
    );
  return {
    repository: word(SHAPES.repository, "an ECR repository's name"),
    account: word(SHAPES.account, 'an AWS account: 12 digits in quotes'),
    container: word(SHAPES.container, "the name of the task definition's container that receives the image"),
    otherContainer: word(SHAPES.container, 'the name of a container of the task definition'),
    tag: word(SHAPES.tag, 'an image tag, in quotes if it looks like a number'),
    glob: word(SHAPES.glob, "a glob pattern of image tags, such as 'v*'"),
    cluster: word(SHAPES.cluster, 'the name or ARN of an ECS cluster'),
    ecsService: word(SHAPES.ecsService, 'the name or ARN of an ECS service'),
    fleet: word(SHAPES.fleet, "a fleet's name: at most 64 letters, digits, hyphens and underscores"),
    targetGroup: word(SHAPES.targetGroup, 'the ARN of a target group'),
    listener: word(SHAPES.listener, "the ARN of an Application or Network Load Balancer's listener"),
    rule: word(SHAPES.rule, "the ARN of an Application Load Balancer's listener rule"),
    module: word(SHAPES.module, "a module's name: at most 64 letters, digits, hyphens, dots and underscores"),
    moduleAddress: word(SHAPES.moduleAddress, 'an address of the form zone/module'),
    role: word(SHAPES.role, 'the ARN of an IAM role'),
    principal: word(SHAPES.principal, 'the ARN of an IAM role or user'),
    httpPath: word(SHAPES.httpPath, 'a path that begins with /'),
    host: word(SHAPES.host, 'a host name, without a port'),
    subnet: word(SHAPES.subnet, "a subnet's id, such as subnet-0a1b2c3d"),
    securityGroup: word(SHAPES.securityGroup, "a security group's id, such as sg-0a1b2c3d"),
    lambda: word(SHAPES.lambda, 'the name or ARN of a Lambda function'),
    taskDefinition: word(SHAPES.taskDefinition, 'a task definition: its family, family:revision or ARN'),
    alarm: word(SHAPES.alarm, 'the name of a CloudWatch alarm'),
  };
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
