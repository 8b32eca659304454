/** The synthesized template, as the tests ask it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's properties are another shape for every type
  readonly properties: any;
  readonly deletionPolicy?: string;
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

export class SynthesizedTemplate {
  readonly resources: readonly Resource[];

  constructor(template: { Resources: Record<string, Record<string, unknown>> }) {
    this.resources = Object.entries(template.Resources).map(([logicalId, resource]) => ({
      logicalId,
      type: String(resource.Type),
      properties: resource.Properties ?? {},
      deletionPolicy: resource.DeletionPolicy as string | undefined,
    }));
  }

  static read(directory: string, stack = 'Sidestep'): SynthesizedTemplate {
    return new SynthesizedTemplate(
      JSON.parse(readFileSync(join(directory, `${stack}.template.json`), 'utf8')),
    );
  }

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  byId(logicalId: string): Resource {
    const found = this.resources.find((resource) => resource.logicalId === logicalId);
    if (found === undefined) throw new Error(`the template has no ${logicalId}`);
    return found;
  }

  /** A handler's function: `verify-targets`. */
  functionOf(handler: string): Resource {
    const found = this.ofType('AWS::Lambda::Function').find(
      ({ properties }) => properties.Description === `Sidestep: ${handler}`,
    );
    if (found === undefined) throw new Error(`the template has no function for ${handler}`);
    return found;
  }

  /** All statements of a role's policies. */
  statementsOf(role: Resource): Statement[] {
    return this.ofType('AWS::IAM::Policy')
      .filter(
        ({ properties }) => JSON.stringify(properties.Roles) === JSON.stringify([{ Ref: role.logicalId }]),
      )
      .flatMap(({ properties }) => properties.PolicyDocument.Statement as Statement[]);
  }

  roleOf(resource: Resource): Resource {
    return this.byId((resource.properties.Role ?? resource.properties.RoleArn)['Fn::GetAtt'][0]);
  }

  /** `sns:Publish`, …: everything that a handler's role allows. */
  actionsOf(handler: string): string[] {
    return this.statementsOf(this.roleOf(this.functionOf(handler)))
      .flatMap(({ Action }) => Action)
      .sort();
  }
}

export const attribute = (resource: Resource, name = 'Arn') => ({ 'Fn::GetAtt': [resource.logicalId, name] });

/** A value of a template as one readable text: `arn:<AWS::Partition>:…`. */
export function rendered(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(rendered).join(' ');
  const [[intrinsic = '', argument] = []] = Object.entries(value as Record<string, unknown>);
  if (intrinsic === 'Ref') return `<${argument}>`;
  if (intrinsic === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (intrinsic === 'Fn::Join') return (argument as [string, unknown[]])[1].map(rendered).join('');
  return JSON.stringify(value);
}
