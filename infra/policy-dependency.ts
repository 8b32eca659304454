/** A resource waits for the policy of its role, so that it can do its work as soon as it exists. */
import type { CfnResource } from 'aws-cdk-lib';
import type { CfnPolicy, Role } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** CDK makes it wait for the role too, which the resource names anyway: linters complain of that. */
export function dependOnPolicyOnly(construct: IConstruct, role: Role): void {
  const policy = role.node.findChild('DefaultPolicy').node.defaultChild as CfnPolicy;
  (construct.node.defaultChild as CfnResource).addOverride('DependsOn', [policy.logicalId]);
}
