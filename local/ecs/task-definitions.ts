/** Task definitions: registered once, numbered per family, never changed. */
import type { Clock } from '../clock/clock.ts';
import { LOCAL_ACCOUNT } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcsApi } from '../wire/models.ts';
import type { Call, Operations } from '../wire/operations.ts';
import { nameOf, taskDefinitionArn } from './identifiers.ts';
import { pageOf } from './pages.ts';
import type { TaskDefinition } from './records.ts';
import type { TagStore } from './tags.ts';
import { compatibilitiesOf, requiredAttributesOf, withDefaults } from './task-definition-fields.ts';

const PAGE = 100;

type TaskDefinitionOperations = Pick<
  Operations<typeof EcsApi>,
  | 'RegisterTaskDefinition'
  | 'DescribeTaskDefinition'
  | 'ListTaskDefinitions'
  | 'ListTaskDefinitionFamilies'
  | 'DeregisterTaskDefinition'
>;

export interface TaskDefinitions {
  /** By `family` (its latest active revision), `family:revision` or ARN. */
  find(reference: string): TaskDefinition | undefined;
  /** A definition that may be started. @throws AwsError `ClientException` if missing or deregistered */
  requireActive(reference: string): TaskDefinition;
  readonly operations: TaskDefinitionOperations;
}

export function createTaskDefinitions(clock: Clock, tags: TagStore): TaskDefinitions {
  const families = new Map<string, TaskDefinition[]>();

  function find(reference: string): TaskDefinition | undefined {
    const [family = '', revision] = nameOf(reference).split(':');
    const revisions = families.get(family) ?? [];
    if (revision === undefined) return revisions.findLast((definition) => definition.status === 'ACTIVE');
    return revisions[Number(revision) - 1];
  }

  function requireActive(reference: string): TaskDefinition {
    const definition = find(reference);
    if (!definition) throw new AwsError('ClientException', 'TaskDefinition not found.');
    if (definition.status !== 'ACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive');
    return definition;
  }

  const describe = (reference: string): TaskDefinition => {
    const definition = find(reference);
    if (!definition) throw new AwsError('ClientException', 'Unable to describe task definition.');
    return definition;
  };

  const operations: TaskDefinitionOperations = {
    RegisterTaskDefinition(input, call) {
      validate(input);
      const family = input.family ?? '';
      const revisions = families.get(family) ?? [];
      const definition = newDefinition(input, revisions.length + 1, clock.now(), call);
      families.set(family, [...revisions, definition]);
      tags.add(definition.taskDefinitionArn, input.tags);
      return { taskDefinition: structuredClone(definition), tags: tags.of(definition.taskDefinitionArn) };
    },
    DescribeTaskDefinition({ taskDefinition, include }) {
      const definition = describe(taskDefinition ?? '');
      const shown = include?.includes('TAGS') ? { tags: tags.of(definition.taskDefinitionArn) } : {};
      return { taskDefinition: structuredClone(definition), ...shown };
    },
    DeregisterTaskDefinition({ taskDefinition }) {
      const definition = requireNumbered(taskDefinition ?? '', describe);
      definition.status = 'INACTIVE';
      definition.deregisteredAt ??= new Date(clock.now());
      return { taskDefinition: structuredClone(definition) };
    },
    ListTaskDefinitions({ familyPrefix, status = 'ACTIVE', sort = 'ASC', ...request }) {
      // Despite its name the prefix is the family's whole name.
      const names = [...families.keys()].filter(
        (name) => familyPrefix === undefined || name === familyPrefix,
      );
      const definitions = names.toSorted().flatMap((name) => families.get(name) ?? []);
      const arns = definitions.filter((each) => each.status === status).map((each) => each.taskDefinitionArn);
      const { page, nextToken } = pageOf(sort === 'DESC' ? arns.reverse() : arns, request, PAGE);
      return { taskDefinitionArns: page, nextToken };
    },
    ListTaskDefinitionFamilies({ familyPrefix = '', status = 'ACTIVE', ...request }) {
      const names = [...families.keys()].toSorted().filter((name) => name.startsWith(familyPrefix));
      const matching = names.filter(
        (name) => status === 'ALL' || familyStatus(families.get(name) ?? []) === status,
      );
      const { page, nextToken } = pageOf(matching, request, PAGE);
      return { families: page, nextToken };
    },
  };
  return { find, requireActive, operations };
}

function validate(input: EcsApi.RegisterTaskDefinitionRequest): void {
  const refuse = (message: string): never => {
    throw new AwsError('ClientException', message);
  };
  const containers = input.containerDefinitions ?? [];
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(input.family ?? '')) {
    refuse('Family should only contain alphanumeric characters, hyphens and underscores.');
  }
  if (containers.length === 0) refuse('Container list cannot be empty.');
  if (containers.some(({ name, image }) => !name || !image))
    refuse('Container.name and Container.image should not be null or empty.');
  const names = new Set(containers.map(({ name }) => name));
  if (names.size < containers.length) refuse('Container names should be unique within a task definition.');
  if (!containers.some(({ essential = true }) => essential))
    refuse('Invalid setting: at least one container must be essential.');
}

function newDefinition(
  { tags: _, ...input }: EcsApi.RegisterTaskDefinitionRequest,
  revision: number,
  nowMs: number,
  call: Call,
): TaskDefinition {
  const family = input.family ?? '';
  const registered = structuredClone(input);
  return {
    ...registered,
    family,
    revision,
    taskDefinitionArn: taskDefinitionArn(family, revision),
    containerDefinitions: (registered.containerDefinitions ?? []).map((each) =>
      withDefaults(each, input.networkMode),
    ),
    volumes: registered.volumes ?? [],
    placementConstraints: registered.placementConstraints ?? [],
    status: 'ACTIVE',
    compatibilities: compatibilitiesOf(input),
    requiresAttributes: requiredAttributesOf(input),
    registeredAt: new Date(nowMs),
    registeredBy: `arn:aws:iam::${LOCAL_ACCOUNT}:user/${call.caller}`,
  };
}

/** Deregistering needs a revision: a family alone is not taken for its latest. */
function requireNumbered(reference: string, describe: (reference: string) => TaskDefinition): TaskDefinition {
  if (nameOf(reference).includes(':')) return describe(reference);
  throw new AwsError(
    'ClientException',
    `The revision of ${reference} is missing; give family:revision or an ARN.`,
  );
}

const familyStatus = (revisions: readonly TaskDefinition[]): 'ACTIVE' | 'INACTIVE' =>
  revisions.some((definition) => definition.status === 'ACTIVE') ? 'ACTIVE' : 'INACTIVE';
