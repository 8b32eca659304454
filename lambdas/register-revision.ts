/** RegisterRevision: the base's content with the new image, registered in green's family unless it is there already. */
import { type Ecs, ecs } from './aws/ecs.ts';
import { hasImageGates } from './common/service.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { resolveRevision } from './resolution/revision.ts';

const registerRevision: Step<{ ecs: Ecs }> = async (journal, { ecs }) => {
  await journal.intend();
  const { green, configuration, revisionArn: known } = journal.deployment;
  const migrates = configuration.migration !== undefined && green.kind === 'ecs';
  const verifiesImage = hasImageGates(configuration) && green.kind === 'ecs';
  if (green.kind === 'fleet') return { migrates, verifiesImage };
  if (known) return { revisionArn: known, migrates, verifiesImage };

  const { input, identicalArn } = await resolveRevision(journal.deployment, ecs);
  const revisionArn = identicalArn ?? (await ecs.registerTaskDefinition(input));
  await journal.done({ revisionArn });
  return { revisionArn, migrates, verifiesImage };
};

export const create = step('RegisterRevision', registerRevision, { ecs });
export const handler = onLambda(create);
