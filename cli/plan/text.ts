/** A plan as a page for people. Pure. */
import type { Change } from '../../lambdas/decisions/revision-changes.ts';
import type { Plan, PlannedSide } from './plan.ts';
import type { Saving } from './savings.ts';
import { groupName, shortName, spellSeconds } from './spell.ts';
import type { PlannedStep, Totals } from './steps.ts';

/** @param place where it would happen */
export function planText(plan: Plan, place: string): string {
  const parts = [
    [`plan of ${plan.service} in ${place}; nothing was changed`],
    plan.refusals.map(({ name, reason }) => `REFUSED   ${name}: ${reason}`),
    plan.outcome === 'NOTHING_TO_DEPLOY' ? [`NOTHING_TO_DEPLOY   ${plan.reason}`] : [],
    headOf(plan),
    titled('sides', plan.sides.map(sideLine)),
    titled('changes of the task definition', (plan.revision?.changes ?? []).flatMap(changeLines)),
    titled('steps', stepLines(plan.steps)),
    plan.totals ? totalLines(plan.totals, plan.steps) : [],
    titled(callsTitle(plan), columns(Object.entries(plan.changes).map(([call, n]) => [call, String(n)]))),
    titled('saves time', plan.savings.map(savingLine)),
    titled('the sides scale differently', plan.scalingDifferences),
    titled('warnings', plan.warnings),
  ];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}

const titled = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`)] : [];

function headOf({ image, strategy, revision }: Plan): string[] {
  if (!image) return [];
  const family = revision?.registeredArn
    ? `${shortName(revision.registeredArn)}, registered already`
    : `a new revision of ${revision?.family}`;
  return columns([
    ['image', image.uri || image.digest, image.tag ?? ''],
    ['strategy', strategy ?? ''],
    ...(revision ? [['revision', `${family}, made of ${shortName(revision.baseTaskDefinitionArn)}`]] : []),
  ]);
}

function sideLine(side: PlannedSide): string {
  const { role, kind, service, cluster, targetGroup, percent, desiredCount, healthyCount } = side;
  const place = kind === 'fleet' ? `fleet ${service}` : `${service} in ${cluster}`;
  const counts = kind === 'fleet' ? [] : [`desired count ${desiredCount}`, shortName(side.taskDefinitionArn)];
  const health = healthyCount === undefined ? [] : [`${healthyCount} healthy in ${groupName(targetGroup)}`];
  const share = percent === undefined ? [] : [`${percent} %`];
  return `${role.padEnd(5)}  ${[place, ...share, ...counts, ...health].join(', ')}`;
}

function changeLines({ path, before, after }: Change): string[] {
  const told = (sign: string, value: Change['before']): string[] =>
    value === undefined ? [] : [`  ${sign} ${JSON.stringify(value)}`];
  return [path, ...told('-', before), ...told('+', after)];
}

/** State, time and what happens in columns; under each the reason for its time. */
function stepLines(steps: readonly PlannedStep[]): string[] {
  const rows = columns(steps.map((step) => [step.state, timeOf(step), step.says]));
  return steps.flatMap((step, index) => {
    const why = reasonOf(step);
    return [rows[index] ?? '', ...(why ? [`    ${why}`] : [])];
  });
}

const timeOf = ({ seconds, waitsFor }: PlannedStep): string =>
  waitsFor === undefined ? spellSeconds(seconds) : '?';

function reasonOf({ because, waitsFor, atMostSeconds }: PlannedStep): string {
  const waits = waitsFor && `as long as ${waitsFor} takes`;
  const most = atMostSeconds === undefined ? undefined : `at most ${spellSeconds(atMostSeconds)}`;
  return [waits, because, most].filter(Boolean).join('; ');
}

function totalLines(
  { untilGreenServesSeconds, totalSeconds }: Totals,
  steps: readonly PlannedStep[],
): string[] {
  const waits = [...new Set(steps.flatMap(({ waitsFor }) => waitsFor ?? []))];
  const open = waits.length > 0 ? `, and the time of ${waits.join(', ')}` : '';
  const serves = spellSeconds(untilGreenServesSeconds);
  return [`green serves for good after ${serves}${open}; all is over after ${spellSeconds(totalSeconds)}`];
}

function callsTitle({ changes }: Plan): string {
  const count = Object.values(changes).reduce((sum, one) => sum + one, 0);
  return `${count} calls of AWS that change something, if all goes well`;
}

function savingLine({ setting, of, from, to, savesSeconds }: Saving): string {
  return `${setting} of ${of}: ${spellSeconds(from)} → ${spellSeconds(to)} saves ${spellSeconds(savesSeconds)}`;
}

/** Cells of each column under each other; the last of a row is as long as it likes. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(0, ...rows.map(({ length }) => length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => (at === row.length - 1 ? 0 : (row[at]?.length ?? 0)))),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
