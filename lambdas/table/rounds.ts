/** The rounds of groups: one item per group, replaced as a whole by whoever has read its last version. */
import type { Key, Table, TableWrite } from '../aws/dynamodb.ts';
import type { SteppedBackWith } from '../common/deployment.ts';
import type { Round } from '../decisions/round.ts';
import { deploymentKey } from './deployments.ts';

const roundKey = (group: string): Key => ({ pk: 'rounds', sk: group });

export function getRound(table: Table, group: string): Promise<Round | undefined> {
  return table.getItem<Round>(roundKey(group));
}

/** The write of a round in place of the version that was read; refused if another was faster. */
export function putRound(round: Round): TableWrite {
  const was = round.version - 1;
  return {
    put: { ...roundKey(round.group), ...round },
    condition:
      was === 0
        ? { expression: 'attribute_not_exists(#pk)' }
        : { expression: '#version = :was', values: { was } },
  };
}

/** With the round, in one transaction: the members' records say the same, so that each needs only its own. */
const toMembers = (
  { members }: Round,
  set: Readonly<Record<string, unknown>>,
  expression: string,
  except?: string,
): TableWrite[] =>
  Object.entries(members)
    .filter(([service]) => service !== except)
    .map(([, { deploymentId }]) => ({ update: deploymentKey(deploymentId), set, condition: { expression } }));

const STANDS = 'attribute_not_exists(#outcome) AND attribute_not_exists(#steppedBackWith)';

/** The round is complete: its members shift. Not if one of them was superseded meanwhile. */
export const closeRound = (table: Table, round: Round, closedAtMs: number): Promise<boolean> =>
  table.write(
    putRound(round),
    ...toMembers(
      round,
      { round: { id: round.id, closedAtMs } },
      `${STANDS} AND attribute_not_exists(#supersededBy)`,
    ),
  );

/** The round has come through: each of its members is a success, whatever becomes of its execution. */
export const endRound = (table: Table, round: Round, succeededAtMs: number): Promise<boolean> =>
  table.write(putRound(round), ...toMembers(round, { succeededAtMs }, STANDS));

/** The round is broken: every other member has the order to step back. */
export const breakOff = (table: Table, round: Round, steppedBackWith: SteppedBackWith): Promise<boolean> =>
  table.write(
    putRound(round),
    ...toMembers(round, { steppedBackWith }, 'attribute_exists(#pk)', steppedBackWith.service),
  );
