/** The demo as text: one line for each thing that happens, and a summary. Pure. */
import type { DemoEvent, DemoResult, Duration, StageEvent } from '../local/demo/result.ts';
import type { ObservedSide } from '../local/world/observe.ts';
import type { Scenario } from '../local/world/scenarios.ts';
import type { Output } from './output.ts';

type Paint = Output['paint'];

export function introduction(
  { name, says, world }: Scenario,
  { factor, rate }: { factor: number; rate: number },
  paint: Paint,
): string[] {
  const users =
    world.balanced === false ? 'nobody calls a consumer' : `${rate} requests/s go to its load balancer`;
  return [
    paint('bold', `Scenario ${name}: ${says}.`),
    `The local cloud's waits pass ${factor} times faster than the wall's; ${users}.`,
    '',
  ];
}

/** The lines that tell of an event. */
export function linesOf(event: DemoEvent, paint: Paint): string[] {
  switch (event.kind) {
    case 'prepared':
      return [paint('dim', `${' '.repeat(9)}${seconds(event.duration.wallSeconds)}  ${event.duration.name}`)];
    case 'pushed':
      return beginning(event, `PutImage orders:${event.tag ?? 'v2'} ${event.digest.slice(0, 19)}…`, paint);
    case 'requested':
      return beginning(event, `StartExecution ${JSON.stringify(event.input)}`, paint);
    case 'stage':
      return stageLines(event, paint);
    case 'stage begins':
      return [];
    case 'waits':
      return [paint('dim', `${' '.repeat(10)}${waitsCells(event)}`)];
    case 'said':
      return [paint('bold', `${INDENT}a person says ${event.signal}: ${event.reason ?? 'no reason given'}`)];
    case 'execution ended':
      return event.status === 'SUCCEEDED'
        ? []
        : [paint('yellow', `${INDENT}execution ${event.status}: ${event.error}`)];
  }
}

/** What everything else follows from, under the columns' heads. */
function beginning({ atWallSeconds }: { atWallSeconds: number }, what: string, paint: Paint): string[] {
  return [
    '',
    paint('dim', HEADING),
    `${seconds(atWallSeconds)}  ${'+0:00'.padStart(6)}  ${paint('bold', what)}`,
  ];
}

/** To the column of the stages' names. */
export const INDENT = ' '.repeat(18);

const HEADING = [
  'elapsed'.padStart(8),
  'cloud'.padStart(6),
  'stage'.padEnd(19),
  'took'.padStart(7),
  'orders-a'.padStart(12),
  'orders-b'.padStart(12),
  'requests'.padStart(9),
  'failed'.padStart(7),
].join('  ');

function stageLines(event: StageEvent, paint: Paint): string[] {
  const { name, failure, retryCount, sides, requests, duration } = event;
  const [a, b] = sides;
  const { failed, failedByApplication, sent } = requests;
  const cells = [
    seconds(event.atWallSeconds),
    `+${minutes(event.atCloudSeconds)}`.padStart(6),
    paint(failure ? 'red' : 'green', name.padEnd(19)),
    seconds(duration.wallSeconds).padStart(7),
    side(a),
    side(b),
    String(sent).padStart(9),
    failedCell(failed, failedByApplication),
  ];
  const retries = retryCount > 0 ? `  (${retryCount} ${retryCount === 1 ? 'retry' : 'retries'})` : '';
  const line = `${cells.join('  ')}${retries}`;
  return failure ? [line, paint('red', `${INDENT}${failure.error}: ${failure.cause}`)] : [line];
}

const waitsCells = ({ atCloudSeconds, name, waitingFor }: Extract<DemoEvent, { kind: 'waits' }>): string =>
  [`+${minutes(atCloudSeconds)}`.padStart(6), `${name} waits`, waitingFor].join('  ');

/** `100 %   2/2`: share of the traffic, healthy targets of all that should be; `runs 1/1` of what nobody calls. */
function side(observed: ObservedSide): string {
  const { percent, healthyCount, targetCount, desiredCount, runningCount, isBalanced = true } = observed;
  if (!isBalanced) return `runs ${runningCount}/${desiredCount}`.padStart(12);
  const targets = `${healthyCount}/${Math.max(targetCount, desiredCount)}`;
  return `${String(percent).padStart(3)} % ${targets.padStart(6)}`.padStart(12);
}

const failedCell = (failed: number, failedByApplication: number): string =>
  `${String(failed).padStart(7)}${failedByApplication > 0 ? ` +${failedByApplication} by v2` : ''}`;

const seconds = (value: number): string => `${value.toFixed(1)} s`.padStart(8);

const minutes = (value: number): string =>
  `${Math.floor(value / 60)}:${String(Math.floor(value % 60)).padStart(2, '0')}`;

export function summary(result: DemoResult, paint: Paint): string[] {
  const { outcome, reason, deploymentId, deployment, transitions, problems } = result;
  const isGood = problems.length === 0;
  const colour = outcome === 'SUCCESSFUL' ? 'green' : 'yellow';
  return [
    '',
    `${paint('bold', paint(colour, outcome))}: ${reason}`,
    '',
    ...row('deployment', `${deploymentId}, ${inBoth(deployment)}`),
    ...row('requests', requestsOf(result)),
    ...(result.downtimeSeconds === undefined ? [] : row('downtime', downtimeOf(result.downtimeSeconds))),
    ...row('stages', result.stages.map((stage) => `${stage.name} ${inBoth(stage)}`).join(', ')),
    ...row(
      'preparation',
      result.preparation.map(({ name, wallSeconds }) => `${name} ${wallSeconds.toFixed(1)} s`).join(', '),
    ),
    ...row('AWS calls', callsOf(result)),
    ...row('transitions', `${transitions} as AWS bills them`),
    ...row('in all', `${result.totalWallSeconds.toFixed(1)} s`),
    ...result.faults.flatMap((fault) => row('local cloud', fault)),
    '',
    ...(isGood ? [paint('green', verdict(result))] : problemsOf(result).map((line) => paint('red', line))),
  ];
}

/** A name, and text in lines of bounded length behind it. */
function row(name: string, text: string): string[] {
  const lines: string[] = [''];
  for (const part of text.split(/(?<=[,;]) /)) {
    const last = lines.at(-1) ?? '';
    if (last.length + part.length < ROW_WIDTH) lines[lines.length - 1] = last ? `${last} ${part}` : part;
    else lines.push(part);
  }
  return lines.map((line, index) => `  ${(index === 0 ? name : '').padEnd(13)}${line}`);
}

const ROW_WIDTH = 90;

const inBoth = ({ wallSeconds, cloudSeconds = 0 }: Duration): string =>
  `${wallSeconds.toFixed(1)} s (cloud ${cloudSeconds.toFixed(0)} s)`;

const downtimeOf = (downtimeSeconds: number): string =>
  `${downtimeSeconds} s of cloud time, from the first old task that began to stop to the first RUNNING one after it`;

function requestsOf({ requests, scenario }: DemoResult): string {
  if (scenario.world.balanced === false) return 'none: nobody calls a consumer';
  const { sent, failed, failedByApplication, byVersion, latencyMs } = requests;
  const versions = Object.entries(byVersion).map(([version, count]) => `${count} by ${version}`);
  return [
    `${sent} sent, ${failed} failed, ${failedByApplication} answered wrongly by a task`,
    `answered ${versions.join(', ')}`,
    `p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms`,
  ].join('; ');
}

function callsOf({ apiCalls }: DemoResult): string {
  const byService = new Map<string, number>();
  for (const [name, count] of Object.entries(apiCalls)) {
    const [service = ''] = name.split(':');
    byService.set(service, (byService.get(service) ?? 0) + count);
  }
  const total = [...byService.values()].reduce((sum, count) => sum + count, 0);
  return `${total} by the functions: ${[...byService].map(([service, count]) => `${service} ${count}`).join(', ')}`;
}

function verdict({ outcome, scenario }: DemoResult): string {
  const { tag = 'v2' } = scenario.meanwhile ?? scenario;
  const version = outcome === 'SUCCESSFUL' ? tag : 'v1';
  if (scenario.strategy === 'recreate')
    return `As it should be: ${version} runs alone, two never ran at once, and the downtime was measured.`;
  if (scenario.strategy === 'rolling')
    return `As it should be: ${version} runs in its place, and no request was lost.`;
  if (outcome === 'REFUSED')
    return 'As it should be: v1 serves all the traffic, nothing of v2 was started, and no request was lost.';
  if (outcome !== 'SUCCESSFUL')
    return 'As it should be: v1 serves all the traffic, v2 is stopped, and no request was lost by the deployment.';
  if (scenario.world.fleet)
    return scenario.request
      ? 'As it should be: the machines serve all the traffic, v1 on ECS is stopped, and no request was lost.'
      : 'As it should be: v2 serves all the traffic, the machines are left as they were, and no request was lost.';
  const { beforehand, afterwards } = scenario;
  if (beforehand)
    return `As it should be: v1 serves all the traffic again, ${beforehand.tag} is stopped, ${afterwards?.tag} changed nothing, and no request was lost.`;
  const superseded = scenario.meanwhile ? ', v2 gave way to it' : '';
  const before = `${superseded}${scenario.blueServes ? ', v1 is stopped,' : ''}`;
  const after = afterwards ? ` ${afterwards.tag} changed nothing,` : '';
  return `As it should be: ${version} serves all the traffic${before}${after} and no request was lost.`;
}

const FAILURES_SHOWN_MAX = 5;

function problemsOf({ problems, failures }: DemoResult): string[] {
  const shown = failures.slice(0, FAILURES_SHOWN_MAX);
  return [
    'NOT as it should be:',
    ...problems.map((problem) => `- ${problem}`),
    ...shown.map(({ atMs, by, reason }) => `  ${(atMs / 1000).toFixed(2)} s into the load, ${by}: ${reason}`),
  ];
}
