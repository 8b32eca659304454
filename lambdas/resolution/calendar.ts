/** Whether a service's windows and freeze let a deployment begin now; a person's reason goes over both. */
import type { Deployment } from '../common/deployment.ts';
import { DeploymentFrozen, OutsideWindow } from '../common/errors.ts';
import type { Ground } from '../common/step.ts';
import { judgeCalendar } from '../decisions/calendar.ts';
import { getRestraints } from '../table/restraints.ts';
import { despiteOf } from './despite.ts';
import type { Asked } from './requested-image.ts';

/** The longest that a wait for an opening is noted for: what never opens is judged again after a year. */
const NEVER_MS = 365 * 86_400_000;

/** @throws DeploymentFrozen, OutsideWindow, which say when it opens */
export async function refuseIfClosed(
  { service, configuration: { windows } }: Deployment,
  request: Asked,
  { table, now }: Pick<Ground, 'table' | 'now'>,
): Promise<Deployment['despite']> {
  const { frozen } = await getRestraints(table, service);
  const verdict = judgeCalendar({ windows, frozen }, now());
  if (verdict.open) return undefined;
  const { because, waitsFor, opensAtMs = now() + NEVER_MS } = verdict;
  const overruled = despiteOf(request, because === 'frozen' ? 'DeploymentFrozen' : 'OutsideWindow');
  if (overruled) return overruled;
  const message = `${service}: ${waitsFor}. To deploy it now, say why: "despite": "why"`;
  if (because === 'frozen') throw new DeploymentFrozen(message, { opensAtMs, waitsFor });
  throw new OutsideWindow(message, { opensAtMs, waitsFor });
}
