/** Judges whether a role's statements allow what a call requires: IAM's rules for identity policies, as far as used. */
import type { Requirement } from './requirements.ts';
import type { Statement } from './roles.ts';

export type Verdict = { allowed: true } | { allowed: false; resource: string };

/**
 * An explicit Deny wins, then an Allow, otherwise it is denied.
 * @throws Error that names a condition operator that is not known, or a condition key that the call gives no value for
 */
export function judge(statements: readonly Statement[], requirement: Requirement): Verdict {
  const applying = statements.filter(
    (statement) =>
      statement.Action.some((action) => matches(action.toLowerCase(), requirement.action.toLowerCase())) &&
      holds(statement, requirement),
  );
  const asked = requirement.resources ?? [undefined];
  const refused = asked.filter((resource) => !allows(applying, resource));
  if (refused.length === 0) return { allowed: true };
  return { allowed: false, resource: refused[0] ?? '(the call does not say which)' };
}

/** `*` and `?`, as in policies. */
export function matches(pattern: string, value: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`).test(value);
}

function allows(statements: readonly Statement[], resource: string | undefined): boolean {
  const applying = statements.filter(
    ({ Resource }) => resource === undefined || Resource.some((pattern) => matches(pattern, resource)),
  );
  const denied = applying.some(({ Effect }) => Effect === 'Deny');
  return !denied && applying.some(({ Effect }) => Effect === 'Allow');
}

type Operator = (wanted: string, given: string) => boolean;

const OPERATORS: Readonly<Record<string, Operator>> = {
  Bool: (wanted, given) => wanted.toLowerCase() === given,
  StringEquals: (wanted, given) => wanted === given,
  StringLike: matches,
  ArnEquals: matches,
  ArnLike: matches,
};

function holds({ Condition }: Statement, { context, action, untold }: Requirement): boolean {
  return Object.entries(Condition).every(([operatorName, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const operator = OPERATORS[operatorName];
      const given = context[key];
      if (!operator) throw new Error(`the local cloud does not know the condition operator ${operatorName}`);
      if (!given && untold !== undefined && key.startsWith(untold)) return true;
      if (!given) throw new Error(`the local cloud cannot tell ${key} of a call that needs ${action}`);
      return given.some((value) => wanted.some((pattern) => operator(pattern, value)));
    }),
  );
}
