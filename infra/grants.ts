/** Gives each function's role what the table of permissions says. */
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { acknowledgeWildcards } from './acknowledgements.ts';
import { HANDLER_NAMES } from './handler-names.ts';
import type { Handlers } from './handlers.ts';
import { type Grant, PERMISSIONS } from './permissions.ts';
import type { ServiceReach, StackReach } from './reach.ts';

export function grantOnStack(handlers: Handlers, reach: StackReach): void {
  for (const name of HANDLER_NAMES) {
    for (const permission of PERMISSIONS[name]) {
      if ('onStack' in permission) grant(handlers[name], permission.onStack(reach));
    }
  }
}

export function grantOnService(handlers: Handlers, reach: ServiceReach): void {
  for (const name of HANDLER_NAMES) {
    for (const permission of PERMISSIONS[name]) {
      if ('onService' in permission) grant(handlers[name], permission.onService(reach));
    }
  }
}

/** A service without listeners (or rules, or roles) gives nothing to grant. */
function grant(handler: LambdaFunction, { actions, resources, conditions = {}, because }: Grant): void {
  if (resources.length === 0) return;
  handler.addToRolePolicy(
    new PolicyStatement({ actions: [...actions], resources: [...resources], conditions: { ...conditions } }),
  );
  if (because !== undefined) acknowledgeWildcards(roleOf(handler), resources, because);
}

function roleOf({ role, node }: LambdaFunction): IRole {
  if (role === undefined) throw new Error(`${node.path} has no role`);
  return role;
}
