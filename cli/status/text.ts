/** The status of services as a tree, for people. Pure. */
import type { Output } from '../output.ts';
import type {
  DeploymentUnderWay,
  PastDeployment,
  PlaceStatus,
  RestraintStatus,
  ServiceStatus,
  SideStatus,
  StatusDocument,
  TargetGroupStatus,
  WaitingStatus,
} from './facts.ts';

export type Paint = Output['paint'];

/** A line with what hangs under it. */
interface Branch {
  readonly line: string;
  readonly under?: readonly Branch[];
}

/** Lines of the whole document; the place comes first. */
export function statusText({ place, at, services }: StatusDocument, paint: Paint): string[] {
  const nowMs = Date.parse(at);
  const head = paint('dim', `${place}, ${clock(at)}`);
  return [head, ...services.flatMap((service) => ['', ...serviceText(service, nowMs, paint)])];
}

function serviceText(status: ServiceStatus, nowMs: number, paint: Paint): string[] {
  const { service, strategy, sides, places, deployment, waiting, restraints, last, problems } = status;
  const branches: Branch[] = [
    ...sideBranches(sides, paint),
    ...placeBranches(places, sides, paint),
    ...problems.map((problem) => ({ line: paint('red', problem) })),
    deployment
      ? deploymentBranch(deployment, nowMs, paint)
      : { line: paint('dim', 'no deployment under way') },
    ...(waiting ? [waitingBranch(waiting, nowMs, paint)] : []),
    ...restraints.map((restraint) => ({ line: paint('yellow', restraintLine(restraint)) })),
    ...lastBranches(last, nowMs, paint),
  ];
  return [`${paint('bold', service)}  ${paint('dim', strategy)}`, ...treeOf(branches)];
}

function treeOf(branches: readonly Branch[], indent = ''): string[] {
  return branches.flatMap(({ line, under = [] }, index) => {
    const isLast = index === branches.length - 1;
    return [
      `${indent}${isLast ? '└─' : '├─'} ${line}`,
      ...treeOf(under, `${indent}${isLast ? '   ' : '│  '}`),
    ];
  });
}

function sideBranches(sides: readonly SideStatus[], paint: Paint): Branch[] {
  const width = Math.max(...sides.map(({ service }) => service.length));
  return sides.map((side) => ({
    line: sideLine(side, width, paint),
    under: [
      ...(side.targetGroups.length > 1
        ? side.targetGroups.map((group) => ({ line: groupLine(group, paint) }))
        : []),
      ...side.targetGroups.flatMap(({ unhealthy }) =>
        unhealthy.map((target) => ({ line: paint('yellow', target) })),
      ),
    ],
  }));
}

function sideLine(side: SideStatus, width: number, paint: Paint): string {
  const [group] = side.targetGroups;
  const alone = side.targetGroups.length === 1 ? group : undefined;
  const cells = [
    side.service.padEnd(width),
    side.role && paint(side.role === 'blue' ? 'bold' : 'green', side.role.padEnd(5)),
    alone && shareCell(alone, paint),
    alone && healthCell(alone, paint),
    runsCell(side, paint),
    side.revision,
    imageCell(side),
  ];
  return cells.filter(Boolean).join('  ');
}

const groupLine = (group: TargetGroupStatus, paint: Paint): string =>
  [nameOf(group.arn), shareCell(group, paint), healthCell(group, paint)].filter(Boolean).join('  ');

/** `90 %`, and what it should be if that is something else. */
function shareCell(
  { percent, wantedPercent = percent }: TargetGroupStatus,
  paint: Paint,
): string | undefined {
  if (percent === undefined) return undefined;
  const cell = `${String(percent).padStart(3)} %`;
  return wantedPercent === percent ? cell : paint('red', `${cell} (wanted ${wantedPercent} %)`);
}

function healthCell({ healthyCount, targetCount }: TargetGroupStatus, paint: Paint): string {
  const cell = `${healthyCount}/${targetCount} healthy`;
  return healthyCount < targetCount ? paint('yellow', cell) : cell;
}

function runsCell({ kind, runningCount, desiredCount, pendingCount = 0 }: SideStatus, paint: Paint): string {
  if (kind === 'fleet') return 'a fleet';
  if (runningCount === undefined) return paint('red', 'not found');
  const cell = `runs ${runningCount}/${desiredCount}${pendingCount > 0 ? `, ${pendingCount} pending` : ''}`;
  return runningCount < (desiredCount ?? 0) ? paint('yellow', cell) : cell;
}

/** `v2 sha256:1f2e3d4c5b6a`: enough to tell images apart. */
export function imageCell({ digest, tag }: { readonly digest?: string; readonly tag?: string }): string {
  return [tag, digest?.slice(0, 'sha256:'.length + 12)].filter(Boolean).join(' ');
}

/** Only if the places disagree: otherwise the sides have said it. */
function placeBranches(places: readonly PlaceStatus[], sides: readonly SideStatus[], paint: Paint): Branch[] {
  const groups = sides.flatMap(({ targetGroups }) => targetGroups.map(({ arn }) => arn));
  const sharesIn = ({ weights }: PlaceStatus): string =>
    groups.map((arn) => `${nameOf(arn)} ${weights[arn] ?? 0}`).join(' : ');
  if (new Set(places.map(sharesIn)).size <= 1) return [];
  return places.map((place) => ({ line: paint('red', `${place.arn} has ${sharesIn(place)}`) }));
}

function deploymentBranch(deployment: DeploymentUnderWay, nowMs: number, paint: Paint): Branch {
  const { deploymentId, stage, stageSince, elapsedSeconds, heldBecause, standsBy } = deployment;
  const where = heldBecause
    ? paint('red', 'its lock is kept for a person')
    : `${paint('green', stage ?? 'begins')}${stageSince ? ` for ${span(nowMs - Date.parse(stageSince))}` : ''}`;
  const parts = [`deployment ${deploymentId}`, where, `${span(elapsedSeconds * 1000)} in all`];
  return {
    line: parts.join(', '),
    under: [
      { line: shippedLine(deployment) },
      ...trafficBranch(deployment, nowMs),
      ...(standsBy ? [{ line: 'green serves all the traffic; blue stands by' }] : []),
      ...waitBranch(deployment, nowMs),
      ...deployment.approvals.map((approval) => ({ line: paint('yellow', approvalLine(approval, nowMs)) })),
      ...(heldBecause
        ? [
            { line: paint('red', heldBecause) },
            { line: `put right what it names, then start the machine with {"recover": "${deploymentId}"}` },
          ]
        : []),
      ...(deployment.answers.length > 0
        ? [{ line: 'you can say', under: deployment.answers.map(({ command }) => ({ line: command })) }]
        : []),
    ],
  };
}

const shippedLine = ({ digest, tag, revision, startedBy }: DeploymentUnderWay): string =>
  [imageCell({ digest, tag }), revision && `as ${revision}`, `started by a ${startedBy}`]
    .filter(Boolean)
    .join(', ');

function trafficBranch({ trafficStep }: DeploymentUnderWay, nowMs: number): Branch[] {
  if (!trafficStep) return [];
  const { number, count, percent, bakeEndsAt } = trafficStep;
  const bake =
    bakeEndsAt === undefined
      ? ''
      : Date.parse(bakeEndsAt) > nowMs
        ? `, baked in ${span(Date.parse(bakeEndsAt) - nowMs)}`
        : ', baked';
  return [{ line: `traffic step ${number} of ${count}: green has ${percent} %${bake}` }];
}

function waitBranch({ waitsFor }: DeploymentUnderWay, nowMs: number): Branch[] {
  if (!waitsFor) return [];
  const { what, since, until } = waitsFor;
  const limit = until === undefined ? '' : `, at most until ${clock(until)}`;
  return [
    { line: `waits for ${what}, for ${span(nowMs - Date.parse(since))} (since ${clock(since)})${limit}` },
  ];
}

function approvalLine(
  { gate, percent, expiresAt }: DeploymentUnderWay['approvals'][number],
  nowMs: number,
): string {
  if (expiresAt === undefined) return `an approval comes: ${gate}, before ${percent} %`;
  return `asks for the approval ${gate}, before ${percent} %: it expires in ${span(Date.parse(expiresAt) - nowMs)}`;
}

function waitingBranch(
  { deploymentId, digest, since, by, waitsFor, notBefore }: WaitingStatus,
  nowMs: number,
  paint: Paint,
): Branch {
  const limit = notBefore === undefined ? '' : `, not before ${clock(notBefore)}`;
  return {
    line: paint(
      'yellow',
      `next: ${imageCell({ digest })}, asked for by a ${by} ${span(nowMs - Date.parse(since))} ago`,
    ),
    under: [{ line: deploymentId }, { line: `waits: ${waitsFor}${limit}` }],
  };
}

function restraintLine({ kind, why, by, at, until, deploymentId }: RestraintStatus): string {
  const limit = until === undefined ? 'until somebody says `resume`' : `until ${clock(until)}`;
  const what = kind === 'frozen' ? 'frozen' : 'automatic deployment is suspended';
  const after = deploymentId === undefined ? '' : ` (with ${deploymentId})`;
  return `${what} ${limit}: ${why}${after}, said ${by} at ${clock(at)}`;
}

function lastBranches(last: readonly PastDeployment[], nowMs: number, paint: Paint): Branch[] {
  if (last.length === 0) return [{ line: paint('dim', 'never deployed') }];
  return [{ line: 'last', under: last.map((past) => ({ line: pastLine(past, nowMs, paint) })) }];
}

function pastLine(past: PastDeployment, nowMs: number, paint: Paint): string {
  const { deploymentId, outcome, startedAt, endedAt = startedAt, seconds, reason } = past;
  const took = seconds === undefined ? '' : `took ${span(seconds * 1000)}`;
  const cells = [
    paint(colourOf(outcome), outcome),
    imageCell(past),
    `${span(nowMs - Date.parse(endedAt))} ago`,
    took,
    deploymentId,
    outcome === 'SUCCESSFUL' ? '' : cut(reason),
  ];
  return cells.filter(Boolean).join('  ');
}

export const colourOf = (outcome: string): 'green' | 'yellow' | 'red' | 'dim' => {
  if (outcome === 'SUCCESSFUL') return 'green';
  if (outcome === 'NOTHING_TO_DEPLOY' || outcome === 'SUPERSEDED') return 'dim';
  return /FAILED|HALTED/.test(outcome) ? 'red' : 'yellow';
};

const REASON_MAX = 100;
const cut = (text: string): string => (text.length > REASON_MAX ? `${text.slice(0, REASON_MAX - 1)}…` : text);

/** `2:05`, `1 h 02 min`, `3 d 4 h`: two units are enough. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${two(minutes % 60)} min`;
  return `${minutes}:${two(seconds % 60)}`;
}

/** A time as people compare it: to the second, in UTC. */
export const clock = (isoTime: string): string => `${isoTime.slice(0, 19)}Z`;

/** `…:targetgroup/orders-a/69d4…` → `orders-a` */
export const nameOf = (targetGroupArn: string): string => targetGroupArn.split('/')[1] ?? targetGroupArn;
