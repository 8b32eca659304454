/** Lists in docs/deploy.md what each function may change, from the table of permissions. */
import { HANDLER_NAMES } from '../infra/handler-names.ts';
import { PERMISSIONS, type Permission } from '../infra/permissions.ts';
import type { ServiceReach, StackReach } from '../infra/reach.ts';
import { type GeneratedPart, renderTable, writeWhenRun } from './generated-part.ts';

const READS = /:(Describe|List|Get|Query|ConditionCheck)/;

/** Which ARNs an action is for does not matter here: every member is an empty list. */
const NO_ARNS = new Proxy({}, { get: () => [] }) as StackReach & ServiceReach;

export const PERMISSIONS_PART: GeneratedPart = {
  page: 'docs/deploy.md',
  thing: 'permissions',
  script: 'permissions',
  render: () =>
    renderTable(
      ['function', 'may'],
      HANDLER_NAMES.map((name) => [code(name), changesOf(PERMISSIONS[name]).map(code).join(', ')]),
    ),
};

function changesOf(permissions: readonly Permission[]): string[] {
  const actions = permissions.flatMap((permission) => grantOf(permission).actions);
  return [...new Set(actions)].filter((action) => !READS.test(action)).sort();
}

const grantOf = (permission: Permission) =>
  'onStack' in permission ? permission.onStack(NO_ARNS) : permission.onService(NO_ARNS);

const code = (text: string): string => `\`${text}\``;

writeWhenRun(import.meta.filename, PERMISSIONS_PART);
