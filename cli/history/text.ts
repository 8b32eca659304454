/** The history of services as lines, for people. Pure. */
import type { Dora } from '../../lambdas/decisions/dora.ts';
import { clock, colourOf, imageCell, type Paint, span } from '../status/text.ts';
import type { HistoryDeployment, HistoryDocument, HistoryWord, ServiceHistory } from './facts.ts';

export function historyText({ place, from, to, services }: HistoryDocument, paint: Paint): string[] {
  const head = paint('dim', `${place}, from ${clock(from)} to ${clock(to)}`);
  return [head, ...services.flatMap((service) => ['', ...serviceLines(service, paint)])];
}

function serviceLines({ service, deployments, words, dora }: ServiceHistory, paint: Paint): string[] {
  const told = [
    ...deployments.map((deployment) => ({
      at: deployment.startedAt,
      line: deploymentLine(deployment, paint),
    })),
    ...words.map((word) => ({ at: word.at, line: wordLine(word, paint) })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1));
  const lines = told.length > 0 ? told.map(({ at, line }) => `${clock(at)}  ${line}`) : ['nothing'];
  return [paint('bold', service), ...lines, ...(dora ? ['', ...doraLines(dora)] : [])];
}

/** Wide enough for all but the two longest outcomes. */
const OUTCOME_WIDTH = 'NOTHING_TO_DEPLOY'.length;

function deploymentLine(deployment: HistoryDeployment, paint: Paint): string {
  const { outcome, seconds, deploymentId, by, startedBy, reason } = deployment;
  const state = outcome ?? 'under way';
  const cells = [
    paint(outcome ? colourOf(outcome) : 'bold', state.padEnd(OUTCOME_WIDTH)),
    (seconds === undefined ? '' : span(seconds * 1000)).padStart(8),
    imageCell(deployment),
    by ?? startedBy,
    deploymentId,
    outcome === 'SUCCESSFUL' || reason === undefined ? '' : reason,
  ];
  return cells.filter(Boolean).join('  ');
}

function wordLine({ word, by, why, until, deploymentId }: HistoryWord, paint: Paint): string {
  const limit = until === undefined ? '' : ` until ${clock(until)}`;
  const of = deploymentId === undefined ? '' : ` (${deploymentId})`;
  return `${paint('bold', `${word}${limit}`)}${of} by ${by}${why ? `: ${why}` : ''}`;
}

/** The four figures, each with what it is made of. */
export function doraLines(dora: Dora): string[] {
  const { deployments, deploymentsPerDay, leadTimeSeconds, changes, failedChanges } = dora;
  const { changeFailureRate, timeToRestoreSeconds } = dora;
  const orNone = (seconds: number | undefined): string =>
    seconds === undefined ? 'none measured' : `${span(seconds * 1000)} (median)`;
  const rate =
    changeFailureRate === undefined
      ? 'no changes'
      : `${(100 * changeFailureRate).toFixed(1)} % (${failedChanges} of ${changes})`;
  return [
    `deployment frequency    ${deploymentsPerDay.toFixed(2)} a day (${deployments} in all)`,
    `lead time for changes   ${orNone(leadTimeSeconds)}`,
    `change failure rate     ${rate}`,
    `time to restore         ${orNone(timeToRestoreSeconds)}`,
  ];
}
