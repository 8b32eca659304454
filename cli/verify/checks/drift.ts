/** What something else has moved since the last deployment: weights, task definition or desired count. */
import type { Deployment, ListenerWeights } from '../../../lambdas/common/deployment.ts';
import { shiftsTraffic } from '../../../lambdas/common/service.ts';
import { describeWeights, sameShares, weightsOf } from '../../../lambdas/decisions/weights.ts';
import { shortName } from '../../plan/spell.ts';
import { valueIn } from '../fact.ts';
import type { ServiceFacts, SideFacts } from '../facts.ts';
import { type Finding, ok, skip, warn } from '../finding.ts';

type Facts = Pick<ServiceFacts, 'last' | 'lock' | 'sides' | 'traffic'>;

/** How the last deployment left things; what it did not say is absent. */
export interface LeftBehind {
  readonly weights: readonly ListenerWeights[];
  readonly sides: readonly {
    readonly service: string;
    readonly taskDefinitionArn: string;
    readonly desiredCount: number;
  }[];
}

const DOC = 'docs/living-with-iac.md has the settings for Terraform, CDK and CloudFormation';

export function judgeDrift(facts: Facts): Finding[] {
  const { last, lock } = facts;
  if (lock) return [skip(`${lock.deploymentId} is at work: what moves now is its own doing`)];
  if (!last) return [skip('no deployment has changed anything yet')];
  const left = leftBehind(last);
  if (!left)
    return [
      skip(
        `${last.deploymentId} ended ${last.outcome}: how it left things, its record does not say for certain`,
      ),
    ];
  const found = [...weightsMoved(left, facts), ...left.sides.flatMap((side) => sideMoved(side, facts))];
  return found.length > 0
    ? found
    : [ok(`weights, task definitions and counts are as ${last.deploymentId} left them`)];
}

/** @returns undefined if the deployment ended in a way that leaves it to a person */
export function leftBehind(deployment: Deployment): LeftBehind | undefined {
  const { outcome, configuration } = deployment;
  const good = outcome === 'SUCCESSFUL';
  if (!good && outcome !== 'ROLLBACK_SUCCESSFUL' && outcome !== 'STOPPED') return undefined;
  if (!shiftsTraffic(configuration)) return leftInPlace(deployment, good);
  const weights = good
    ? (deployment.shift?.to ?? [])
    : (deployment.restore?.to ?? deployment.attach?.to ?? deployment.liveWeights);
  return { weights, sides: [...sidesAfter(deployment, good)] };
}

/** ECS shifts a native service's weights itself, and its groups take turns: they are not compared. */
function leftInPlace({ green, blue, revisionArn, greenCount }: Deployment, good: boolean): LeftBehind {
  const taskDefinitionArn = good && revisionArn ? revisionArn : blue.taskDefinitionArn;
  const desiredCount = good ? (greenCount ?? blue.desiredCount) : blue.desiredCount;
  return { weights: [], sides: [{ service: green.service, taskDefinitionArn, desiredCount }] };
}

function* sidesAfter(deployment: Deployment, good: boolean) {
  const { blue, green, revisionArn = '', greenCount = 0 } = deployment;
  const started = deployment.stages.StartGreen !== undefined;
  const after = good
    ? [
        { side: green, taskDefinitionArn: revisionArn, desiredCount: greenCount },
        { side: blue, taskDefinitionArn: blue.taskDefinitionArn, desiredCount: 0 },
      ]
    : [
        { side: blue, taskDefinitionArn: blue.taskDefinitionArn, desiredCount: blue.desiredCount },
        { side: green, taskDefinitionArn: started ? revisionArn : green.taskDefinitionArn, desiredCount: 0 },
      ];
  for (const { side, ...rest } of after) if (side.kind === 'ecs') yield { service: side.service, ...rest };
}

function weightsMoved({ weights }: LeftBehind, { traffic }: Facts): Finding[] {
  const places = valueIn(traffic)?.places ?? [];
  return weights.flatMap(({ arn, weights: written }) => {
    const place = places.find((one) => one.arn === arn);
    const live = place && weightsOf(place.actions);
    if (!live || sameShares(live, written)) return [];
    return [
      warn(
        `${arn} has ${describeWeights(live)}; Sidestep last wrote ${describeWeights(written)}`,
        `something else wrote its actions: keep it from them (Terraform: ignore_changes = [action]); ${DOC}`,
      ),
    ];
  });
}

function sideMoved(left: LeftBehind['sides'][number], { sides }: Facts): Finding[] {
  const side = sides.find((one) => one.side.service === left.service);
  const service = valueIn(side?.service);
  if (!side || !service) return [];
  const { taskDefinition = '', desiredCount = 0 } = service;
  // At rest it runs nothing: the next deployment gives it a revision of its own.
  const rests = left.desiredCount === 0 && desiredCount === 0;
  const isOther = !rests && left.taskDefinitionArn !== '' && taskDefinition !== left.taskDefinitionArn;
  return [
    ...(isOther
      ? [
          warn(
            `${side.name} runs ${shortName(taskDefinition)}${registrant(side)}; Sidestep left it with ${shortName(left.taskDefinitionArn)}`,
            `something else updated the service: keep it from the task definition (Terraform: ignore_changes = [task_definition]); ${DOC}`,
          ),
        ]
      : []),
    ...(desiredCount !== left.desiredCount && !isScaled(side, left)
      ? [
          warn(
            `${side.name} has desired count ${desiredCount}; Sidestep left it with ${left.desiredCount}`,
            `something else set it: keep it from the count (Terraform: ignore_changes = [desired_count]); ${DOC}`,
          ),
        ]
      : []),
  ];
}

/** Who registered a definition is told by ECS: an ARN. */
const registrant = ({ definition }: SideFacts): string => {
  const by = valueIn(definition)?.registeredBy;
  return by ? ` (registered by ${by})` : '';
};

/** A side that serves and scales has whatever count its load asks for; one that rests has none. */
const isScaled = ({ scaling }: SideFacts, { desiredCount }: LeftBehind['sides'][number]): boolean =>
  desiredCount > 0 && (valueIn(scaling)?.length ?? 0) > 0;
