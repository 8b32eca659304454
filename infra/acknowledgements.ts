/** The findings of cdk-nag that are meant to be so, each acknowledged where it stands, with its reason. */
import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Statements that CDK itself adds to a role. */
export const FOR_TRACES = 'X-Ray knows no resource for the traces that are sent to it.';
export const FOR_LOG_DELIVERY = "CloudWatch Logs knows no resource for the delivery of an execution's log.";

/** Acknowledges the wildcards among a role's resources. */
export function acknowledgeWildcards(role: IConstruct, resources: readonly string[], reason: string): void {
  const found = resources
    .map((resource) => render(Stack.of(role).resolve(resource)))
    .filter((text) => text.includes('*'));
  Validations.of(role).acknowledge(
    ...found.map((text) => ({ id: `AwsSolutions-IAM5[Resource::${text}]`, reason })),
  );
}

/** A resource as cdk-nag writes it: `arn:<AWS::Partition>:ssm:…`. */
function render(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  const [[intrinsic = '', argument] = []] = Object.entries(resolved as Record<string, unknown>);
  if (intrinsic === 'Ref') return `<${argument}>`;
  if (intrinsic === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (intrinsic === 'Fn::Join') return (argument as [string, unknown[]])[1].map(render).join('');
  return '';
}
