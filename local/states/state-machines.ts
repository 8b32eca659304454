/** The state machines, each with its present revision. */
import { localArn } from '../arns.ts';
import type { Platform } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { SfnApi } from '../wire/models.ts';
import { parseDefinition } from './definition/definition.ts';
import type { Machine } from './definition/machine.ts';

/** What an execution runs, whatever becomes of the state machine meanwhile. */
export interface Revision {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly definition: string;
  readonly machine: Machine;
  readonly roleArn: string;
  readonly revisionId: string | undefined;
  readonly updatedAtMs: number;
  readonly loggingConfiguration: SfnApi.LoggingConfiguration | undefined;
  readonly tracingConfiguration: SfnApi.TracingConfiguration | undefined;
}

export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly createdAtMs: number;
  revision: Revision;
  tags: Map<string, string>;
}

export type Change = Pick<
  SfnApi.UpdateStateMachineInput,
  'definition' | 'roleArn' | 'loggingConfiguration' | 'tracingConfiguration'
>;

export interface StateMachines {
  create(
    name: string,
    settings: Required<Pick<Change, 'definition' | 'roleArn'>> & Change,
    tags: Map<string, string>,
  ): StateMachine;
  update(arn: string, change: Change): StateMachine;
  delete(arn: string): void;
  /** @throws AwsError `InvalidArn`, `StateMachineDoesNotExist` */
  get(arn: string): StateMachine;
  all(): StateMachine[];
}

const STATE_MACHINE_ARN = /^arn:[a-z-]+:states:[^:]+:\d{12}:stateMachine:[^:]+(:[^:]+)?$/;

export function createStateMachines(
  { clock, random }: Platform,
  knowsIntegration: (name: string) => boolean,
): StateMachines {
  const machines = new Map<string, StateMachine>();
  const get = (arn: string): StateMachine => {
    if (!STATE_MACHINE_ARN.test(arn))
      throw new AwsError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${arn}'`);
    const machine = machines.get(arn);
    if (!machine) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  };
  return {
    get,
    all: () => [...machines.values()],
    create(name, settings, tags) {
      const arn = localArn('states', `stateMachine:${name}`);
      const existing = machines.get(arn);
      if (existing) return sameAs(existing, settings);
      const revision = revisionOf(arn, name, settings, { updatedAtMs: clock.now(), revisionId: undefined });
      const machine = { arn, name, createdAtMs: clock.now(), revision, tags };
      machines.set(arn, machine);
      return machine;
    },
    update(arn, change) {
      const machine = get(arn);
      const settings = { ...machine.revision, ...definedOf(change) };
      machine.revision = revisionOf(arn, machine.name, settings, {
        updatedAtMs: clock.now(),
        revisionId: random.uuid(),
      });
      return machine;
    },
    delete(arn) {
      if (STATE_MACHINE_ARN.test(arn)) machines.delete(arn);
      else get(arn);
    },
  };

  function revisionOf(
    stateMachineArn: string,
    name: string,
    settings: Change,
    stamps: Pick<Revision, 'updatedAtMs' | 'revisionId'>,
  ): Revision {
    const { definition = '', roleArn = '', loggingConfiguration, tracingConfiguration } = settings;
    const machine = parseDefinition(definition, knowsIntegration);
    return {
      stateMachineArn,
      name,
      definition,
      machine,
      roleArn,
      loggingConfiguration,
      tracingConfiguration,
      ...stamps,
    };
  }
}

/** Creating the same again is no error; AWS compares the definition and configurations, and not role or tags. */
function sameAs(
  existing: StateMachine,
  { definition, loggingConfiguration, tracingConfiguration }: Change,
): StateMachine {
  const { revision } = existing;
  const given = JSON.stringify([definition, loggingConfiguration, tracingConfiguration]);
  const present = JSON.stringify([
    revision.definition,
    revision.loggingConfiguration,
    revision.tracingConfiguration,
  ]);
  if (given === present) return existing;
  throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${existing.arn}'`);
}

function definedOf(change: Change): Change {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
