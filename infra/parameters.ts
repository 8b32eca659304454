/** A service's configuration as SSM parameters, which start-deployment and resolve-deployment read. */
import { Stack, Token } from 'aws-cdk-lib';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ServiceConfiguration } from '../lambdas/common/service.ts';

/** Characters that a parameter of each tier holds. */
const STANDARD_MAX = 4096;
const ADVANCED_MAX = 8192;

/** The longest that an ARN or a name can become that is known only when the stack is deployed. */
const TOKEN_LENGTH = 256;

/** Writes `/sidestep/services/orders`, and what is too long for one parameter to `…/orders/2`, `…/orders/3`, … */
export function createParameters(
  parent: Construct,
  configuration: ServiceConfiguration,
  prefix: string,
): void {
  const scope = new Construct(parent, 'Configuration');
  for (const [index, part] of cut(JSON.stringify(configuration), ADVANCED_MAX).entries()) {
    const suffix = index === 0 ? '' : `/${index + 1}`;
    createParameter(scope, `Part${index + 1}`, `${prefix}${configuration.name}${suffix}`, part);
  }
}

/** Writes `/sidestep/stack`: what the command line has to know of the stack. */
export function createStackParameter(scope: Construct, parameterName: string, facts: object): void {
  new StringParameter(scope, 'StackFacts', {
    parameterName,
    description: 'Sidestep: where its table, its machine and its functions are',
    stringValue: Stack.of(scope).toJsonString(facts),
  });
}

function createParameter(scope: Construct, id: string, parameterName: string, stringValue: string): void {
  const tier = deployedLength(stringValue) > STANDARD_MAX ? ParameterTier.ADVANCED : ParameterTier.STANDARD;
  const description = 'Sidestep: the configuration of a service';
  new StringParameter(scope, id, { parameterName, description, stringValue, tier });
}

/** Cuts a text into pieces of at most `max` characters, never inside of a token. */
function cut(text: string, max: number): string[] {
  const pieces = [''];
  let room = max;
  for (const atom of text.match(/\$\{Token\[[^\]]*\]\}|[\s\S]/g) ?? []) {
    const length = deployedLength(atom);
    if (length > room) {
      pieces.push('');
      room = max;
    }
    pieces[pieces.length - 1] += atom;
    room -= length;
  }
  return pieces;
}

function deployedLength(text: string): number {
  if (!Token.isUnresolved(text)) return text.length;
  const tokens = text.match(/\$\{Token\[[^\]]*\]\}/g) ?? [];
  return text.length + tokens.reduce((sum, token) => sum + TOKEN_LENGTH - token.length, 0);
}
