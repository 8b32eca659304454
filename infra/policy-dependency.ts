/** A resource waits for the policy of its role, so that it can do its work as soon as it exists. */
import type { CfnResource } from 'aws-cdk-lib';
import type { CfnPolicy, IRole, Role } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** CDK makes it wait for the role too, which the resource names anyway: linters complain of that. */
export function dependOnPolicyOnly(construct: IConstruct, role: Role): void {
  (construct.node.defaultChild as CfnResource).addOverride('DependsOn', [policyOf(role).logicalId]);
}

/** What a role of ours may do, as a resource. */
export function policyOf(role: IRole): CfnPolicy {
  return role.node.findChild('DefaultPolicy').node.defaultChild as CfnPolicy;
}
