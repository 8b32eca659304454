/** The state machine: the definition in statemachine/, with each Task's function put in. */
import { existsSync, readFileSync } from 'node:fs';
import { RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledgeWildcards, FOR_LOG_DELIVERY, FOR_TRACES } from './acknowledgements.ts';
import { HANDLER_NAMES, stateName } from './handler-names.ts';
import type { Handlers } from './handlers.ts';
import { dependOnPolicyOnly } from './policy-dependency.ts';

/** Creates the machine under its fixed name, because functions and rules name its ARN before it exists. */
export function createStateMachine(
  parent: Construct,
  stateMachineName: string,
  definitionFile: string,
  handlers: Handlers,
): StateMachine {
  const scope = new Construct(parent, 'Machine');
  const functionArns = functionsOfStates(definitionFile, handlers);
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: Object.values(functionArns) }),
  );
  acknowledgeWildcards(role, ['*'], `${FOR_TRACES} ${FOR_LOG_DELIVERY}`);
  const stateMachine = new StateMachine(scope, 'StateMachine', {
    stateMachineName,
    definitionBody: DefinitionBody.fromFile(definitionFile),
    definitionSubstitutions: functionArns,
    role,
    tracingEnabled: true,
    logs: {
      destination: logGroup(scope, stateMachineName),
      level: LogLevel.ALL,
      includeExecutionData: false,
    },
  });
  dependOnPolicyOnly(stateMachine, role);
  return stateMachine;
}

/** `{ VerifyTargets: 'arn…' }` for every `${VerifyTargets}` of the definition. */
export function functionsOfStates(definitionFile: string, handlers: Handlers): Record<string, string> {
  if (!existsSync(definitionFile)) throw new Error(`there is no state machine: found no ${definitionFile}`);
  const placeholders = [...readFileSync(definitionFile, 'utf8').matchAll(/\$\{(\w+)\}/g)].map(
    ([, word = '']) => word,
  );
  const words = [...new Set(placeholders)].sort();
  return Object.fromEntries(words.map((word) => [word, functionOf(word, handlers)]));
}

function functionOf(word: string, handlers: Handlers): string {
  const name = HANDLER_NAMES.find((handler) => stateName(handler) === word);
  if (name !== undefined) return handlers[name].functionArn;
  const allowed = HANDLER_NAMES.map(stateName).join(', ');
  throw new Error(
    `the state machine names a function that is no handler: found \${${word}}, allowed: ${allowed}`,
  );
}

/** Under vendedlogs, because every other log group that receives an execution's log lengthens one policy of the account. */
function logGroup(scope: Construct, stateMachineName: string): LogGroup {
  return new LogGroup(scope, 'Logs', {
    logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
