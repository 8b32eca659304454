/** One deployment with everything that is known of it, for people. Pure. */
import { describeWeights } from '../../lambdas/decisions/weights.ts';
import { clock, colourOf, imageCell, type Paint, span } from '../status/text.ts';
import type {
  ShowDocument,
  ShownAudit,
  ShownCheck,
  ShownSide,
  ShownSignal,
  ShownStage,
  ShownWrite,
} from './facts.ts';

export function showText(shown: ShowDocument, paint: Paint): string[] {
  const { deploymentId, service, strategy, outcome, reason, place } = shown;
  const state = outcome ? paint(colourOf(outcome), outcome) : paint('bold', 'under way');
  return [
    paint('dim', place),
    `${paint('bold', deploymentId)}  ${state}`,
    ...(reason ? [reason] : []),
    '',
    ...row('service', `${service}, ${strategy}`),
    ...row('time', timesOf(shown)),
    ...row('started by', `${shown.startedBy.kind}: ${shown.startedBy.by}`),
    ...row('image', imageOf(shown)),
    ...row('revision', shown.revision && `${shown.revision}, made of ${shown.baseRevision}`),
    ...row('blue', sideOf(shown.blue)),
    ...row('green', sideOf(shown.green)),
    ...row('despite', shown.despite && despiteOf(shown.despite)),
    ...row('rollback', shown.rollback && rollbackOf(shown.rollback)),
    ...row('deadline', shown.deadline && clock(shown.deadline)),
    ...row('goes on as', shown.successor),
    ...row('gave way to', shown.supersededBy?.deploymentId),
    ...row(
      'stepped back with',
      shown.steppedBackWith && `${shown.steppedBackWith.service}: ${shown.steppedBackWith.reason}`,
    ),
    ...row('pauses', shown.pausedBecause),
    ...row('downtime', shown.downtimeSeconds === undefined ? undefined : `${shown.downtimeSeconds} s`),
    ...part('stages', shown.stages.map(stageLine)),
    ...part('weights', [
      ...shown.weightsBefore.map(({ arn, weights }) => `before  ${describeWeights(weights)}  ${arn}`),
      ...shown.writes.flatMap(writeLines),
    ]),
    ...part(
      'checks',
      shown.checks.map((check) => checkLine(check, paint)),
    ),
    ...part('migration', migrationLines(shown)),
    ...part('autoscaling', shown.scaling?.differences ?? []),
    ...part('writes to AWS', [
      ...shown.audit.map((entry) => auditLine(entry, paint)),
      ...(shown.auditBrokenAt === undefined
        ? []
        : [paint('red', `entry ${shown.auditBrokenAt} was changed, or is missing`)]),
    ]),
    ...part('words', [
      ...shown.signals.map((signal) => signalLine(signal, paint)),
      ...(shown.refusedCount > 0 ? [`${shown.refusedCount} refused in all`] : []),
    ]),
  ];
}

const NAME_WIDTH = 'stepped back with  '.length;

const row = (name: string, text: string | undefined): string[] =>
  text ? [`${name.padEnd(NAME_WIDTH)}${text}`] : [];

const part = (name: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', name, ...lines.map((line) => `  ${line}`)];

function timesOf({ startedAt, endedAt, seconds }: ShowDocument): string {
  const end = endedAt === undefined ? 'now' : clock(endedAt);
  return `${clock(startedAt)} to ${end}, ${span(seconds * 1000)}`;
}

function imageOf({ image, images = {} }: ShowDocument): string {
  const others = Object.entries(images).map(([container, one]) => `${container} ${imageCell(one)}`);
  return [[image.tag, image.digest].filter(Boolean).join(' '), ...(others.length > 1 ? others : [])].join(
    '; ',
  );
}

const sideOf = ({ kind, cluster, service, revision, desiredCount }: ShownSide): string =>
  kind === 'fleet'
    ? `${service}, a fleet`
    : `${cluster}/${service}, ran ${revision} with ${desiredCount} wanted`;

function despiteOf({ reason, alarms, refusals = [] }: NonNullable<ShowDocument['despite']>): string {
  const overruled = [...refusals, ...alarms.map((alarm) => `alarm ${alarm}`)];
  return overruled.length > 0 ? `${reason} (overruled ${overruled.join(', ')})` : reason;
}

function rollbackOf({ toDeploymentId, by, why }: NonNullable<ShowDocument['rollback']>): string {
  return `to ${toDeploymentId ?? 'what served before'}, by ${by}: ${why}`;
}

function stageLine({ state, startedAt, doneAt, seconds }: ShownStage): string {
  const took = doneAt === undefined || seconds === undefined ? '' : span(seconds * 1000);
  return `${clock(startedAt)}  ${state.padEnd(24)} ${took}`.trimEnd();
}

function writeLines({ kind, at, doneAt, trafficStep, weights }: ShownWrite): string[] {
  const what = trafficStep === undefined ? kind : `${kind} ${trafficStep}`;
  const doubt = doneAt === undefined ? '  (meant; not noted as done)' : '';
  return weights.map(
    ({ arn, weights: written }) =>
      `${clock(at)}  ${what.padEnd(9)} ${describeWeights(written)}  ${arn}${doubt}`,
  );
}

function checkLine({ check, kind, passed, reason }: ShownCheck, paint: Paint): string {
  const verdict = passed === undefined ? 'ran' : passed ? paint('green', 'passed') : paint('red', 'failed');
  return `${kind} ${check}: ${verdict}${reason ? `: ${reason}` : ''}`;
}

function migrationLines({ migration }: ShowDocument): string[] {
  if (!migration) return [];
  const { taskArn, exitCode, lastLogLines } = migration;
  const end = exitCode === undefined ? 'its container never ran' : `exit code ${exitCode}`;
  return [`${taskArn}: ${end}`, ...lastLogLines.map((line) => `  ${line}`)];
}

function signalLine({ word, at, by, session, reason, refused }: ShownSignal, paint: Paint): string {
  const who = session === undefined ? by : `${by} (session ${session})`;
  const line = `${clock(at)}  ${word} by ${who}${reason ? `: ${reason}` : ''}`;
  return refused === undefined ? line : `${line}  ${paint('yellow', `refused: ${refused}`)}`;
}

function auditLine({ at, state, operation, resource, result, error }: ShownAudit, paint: Paint): string {
  const line = `${clock(at)}  ${state.padEnd(24)} ${operation}  ${resource}`;
  if (result === 'done') return line;
  const what = result === undefined ? 'cut off: nobody knows what came of it' : result;
  return `${line}  ${paint('yellow', error ? `${what}: ${error}` : what)}`;
}
