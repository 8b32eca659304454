/** Names that one part of the stack needs of another before it exists, so that the template has no cycle. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface Names {
  readonly stateMachineName: string;
  readonly stateMachineArn: string;
  /** The function through which people speak to a deployment: its name can be known without the stack's outputs. */
  readonly signalFunctionName: string;
  /** The function that ECS calls at the stages of its own deployments: a service names it before the stack is there. */
  readonly hookFunctionName: string;
  /** The parameter in which the stack says what the command line has to know. */
  readonly stackParameterName: string;
  readonly dashboardName: string;
  /** What the functions' log groups begin with: `/sidestep/functions/`. */
  readonly logGroupPrefix: string;
  /** With its final slash: `/sidestep/services/`. */
  readonly configurationPrefix: string;
}

/** `prefix` tells several Sidesteps in one account and Region apart. */
export function namesFor(scope: Construct, prefix: string): Names {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(prefix)) {
    throw new Error(
      `prefix: found '${prefix}', allowed: a small letter, then at most 31 small letters, digits and hyphens`,
    );
  }
  const stateMachineName = `${prefix}-deploy`;
  return {
    stateMachineName,
    stateMachineArn: Stack.of(scope).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: stateMachineName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
    signalFunctionName: `${prefix}-signal-deployment`,
    hookFunctionName: `${prefix}-answer-lifecycle-hook`,
    stackParameterName: `/${prefix}/stack`,
    dashboardName: prefix,
    logGroupPrefix: `/${prefix}/functions/`,
    configurationPrefix: `/${prefix}/services/`,
  };
}
