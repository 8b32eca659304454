/** AWS::StepFunctions: state machines, their definitions with every placeholder filled in. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { kind, perform, withoutEffect } from '../resource-kind.ts';

const NAME_MAX = 80;

export const stateMachine = kind(
  {
    StateMachineName: z.string().optional(),
    StateMachineType: z.literal('STANDARD').optional(),
    DefinitionString: z.string().optional(),
    DefinitionS3Location: z.strictObject({ Bucket: z.string(), Key: z.string() }).optional(),
    DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
    RoleArn: z.string(),
    // Executions keep their whole history here; their logs and traces add nothing.
    LoggingConfiguration: withoutEffect,
    TracingConfiguration: withoutEffect,
    Tags: withoutEffect,
  },
  async (properties, identity, { states }) => {
    const location = properties.DefinitionS3Location;
    const text = location
      ? readFileSync(identity.assetPath(location.Key), 'utf8')
      : properties.DefinitionString;
    if (text === undefined) throw new Error('property DefinitionString or DefinitionS3Location is needed');
    const name = properties.StateMachineName ?? identity.physicalName(NAME_MAX);
    const definition = substitute(text, properties.DefinitionSubstitutions);
    const { stateMachineArn = '' } = await perform(states.CreateStateMachine, {
      name,
      definition,
      roleArn: properties.RoleArn,
    });
    return { ref: stateMachineArn, attributes: { Arn: stateMachineArn, Name: name } };
  },
);

/** @throws Error that names a placeholder without a substitution: on AWS it would stay in the definition as it is. */
function substitute(text: string, substitutions: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (placeholder, name: string) => {
    const value = substitutions[name];
    if (value !== undefined) return value;
    throw new Error(`the definition has ${placeholder}, for which DefinitionSubstitutions has nothing`);
  });
}
