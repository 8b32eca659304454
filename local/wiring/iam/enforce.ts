/** Lets each function do on AWS only what its role grants, and keeps what it did: least privilege, shown by running. */
import { AwsError } from '../../wire/aws-error.ts';
import type { CallRecord, Endpoint } from '../../wire/endpoint.ts';
import { judge } from './judge.ts';
import { requirementsOf } from './requirements.ts';
import type { Role } from './roles.ts';

export interface Enforcement {
  /** The IAM actions that each function used, by its name, allowed ones only. */
  readonly used: ReadonlyMap<string, ReadonlySet<string>>;
  /** The actions that the function's role grants and that it has not used, sorted. */
  unused(functionName: string): string[];
  /** Lifts the restrictions. */
  stop(): void;
}

/**
 * Refuses calls that a function's role does not grant, with AccessDeniedException.
 * `roleOf` gives the role of the caller if it is a function; anyone else may do everything.
 */
export function enforcePolicies(
  endpoint: Endpoint,
  roleOf: (caller: string) => Role | undefined,
): Enforcement {
  const used = new Map<string, Set<string>>();
  const stop = endpoint.intercept({
    before(call) {
      const role = roleOf(call.caller);
      if (!role) return;
      for (const action of authorize(role, call))
        used.set(call.caller, (used.get(call.caller) ?? new Set()).add(action));
    },
  });
  return {
    used,
    unused(functionName) {
      const granted = roleOf(functionName)?.statements.flatMap(({ Action }) => Action) ?? [];
      return [...new Set(granted)].filter((action) => !used.get(functionName)?.has(action)).sort();
    },
    stop,
  };
}

/** The actions that the call needed. @throws AwsError `AccessDeniedException` */
function authorize(role: Role, call: Omit<CallRecord, 'error'>): string[] {
  const requirements = requirementsOf(call);
  for (const requirement of requirements) {
    const verdict = judge(role.statements, requirement);
    if (verdict.allowed) continue;
    const who = `${role.arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${call.caller}`;
    const message = `User: ${who} is not authorized to perform: ${requirement.action} on resource: ${verdict.resource} because no identity-based policy allows the ${requirement.action} action`;
    throw new AwsError('AccessDeniedException', message, { statusCode: 403 });
  }
  return requirements.map(({ action }) => action);
}
