/** The look of WaitForGroup: are the others of the group as far, and does green, if it serves already, do well meanwhile? */
import type { Sfn } from '../aws/sfn.ts';
import type { Deployment } from '../common/deployment.ts';
import type { Ground } from '../common/step.ts';
import { isAfterLastBake } from '../decisions/next-act.ts';
import { alarmsToWatch, type BakePorts, lookWhileServing } from './bake.ts';
import type { Look } from './look.ts';
import { lookAtRound } from './round.ts';

export type GroupPorts = BakePorts & Ground & { readonly sfn: Sfn };

export async function lookAtGroup(deployment: Deployment, ports: GroupPorts): Promise<Look> {
  if (!isAfterLastBake(deployment) || deployment.succeededAtMs !== undefined)
    return lookAtRound(deployment, ports);
  const serving = await lookWhileServing(deployment, alarmsToWatch(deployment), ports);
  return serving.open ? lookAtRound(deployment, ports) : serving;
}
