/** The analysis of a bake: gathers both sides' metrics of the present traffic step, and has them judged. */
import type { CloudWatch, TargetGroupPeriod } from '../aws/cloudwatch.ts';
import { type AnalysisFacts, type AnalysisVerdict, judgeAnalysis } from '../decisions/analysis.ts';
import { type AnalysisWindow, analysisWindow } from '../decisions/analysis-looks.ts';
import { percentOf } from '../decisions/weights.ts';
import type { Deployment } from './deployment.ts';
import type { Analysis } from './service.ts';

export interface AnalysisPorts {
  readonly cloudwatch: Pick<CloudWatch, 'getTargetGroupMetrics'>;
}

/**
 * Compares green with blue over the bake of the present traffic step, as far as CloudWatch has it. While both have traffic
 * the same periods are compared; once green has it all, blue's last periods before that.
 * @returns before the end of the bake `fail` or `inconclusive`, after it any verdict. `pass` if there is nothing to compare:
 * no analysis is configured, or blue did not serve
 * @throws AwsNotAnswering if CloudWatch does not give all its figures
 */
export async function analyse(
  deployment: Deployment,
  ports: AnalysisPorts,
  nowMs: number,
): Promise<AnalysisVerdict> {
  const { analysis } = deployment.configuration;
  if (!analysis) return { verdict: 'pass', reason: 'no analysis is configured' };
  if (!deployment.blueServes)
    return { verdict: 'pass', reason: 'blue did not serve: nothing to compare with' };
  const { loadBalancer, reason } = loadBalancerOf(deployment);
  if (!loadBalancer) return { verdict: 'inconclusive', reason };
  const window = windowOf(deployment, analysis, nowMs);
  return judgeAnalysis(await gatherFacts(deployment, analysis, window, loadBalancer, ports), analysis);
}

/** Any of the rules or listeners that are written names the load balancer. */
function loadBalancerOf({ shift }: Deployment): { loadBalancer?: string; reason: string } {
  const arn = shift?.to[0]?.arn;
  if (arn === undefined) return { reason: 'no traffic was shifted' };
  if (/:listener(-rule)?\/app\//.test(arn)) return { loadBalancer: arn, reason: '' };
  return { reason: `${arn} is not an Application Load Balancer's: others count no requests` };
}

function windowOf(
  { bakeStartedAtMs, trafficStep = 0, trafficSteps }: Deployment,
  analysis: Analysis,
  nowMs: number,
): AnalysisWindow {
  const bakeSeconds = trafficSteps[trafficStep]?.bakeSeconds ?? 0;
  return analysisWindow({ bakeStartedAtMs: bakeStartedAtMs ?? nowMs, bakeSeconds }, analysis, nowMs);
}

async function gatherFacts(
  deployment: Deployment,
  { periodSeconds }: Analysis,
  window: AnalysisWindow,
  loadBalancer: string,
  { cloudwatch }: AnalysisPorts,
): Promise<AnalysisFacts> {
  const { blue, green, shift } = deployment;
  const greenShare = percentOf(shift?.to[0]?.weights ?? {}, green.targetGroup) / 100;
  const blueIsFrom = greenShare < 1 ? 'same-periods' : 'before-the-shift';
  const facts = { periodsInBake: window.periods, blueIsFrom, greenShare } as const;
  if (window.complete === 0) return { ...facts, periods: [] };
  const periodMs = periodSeconds * 1000;
  const get = async (targetGroups: string[], fromMs: number) => {
    const toMs = fromMs + window.complete * periodMs;
    return cloudwatch.getTargetGroupMetrics({ loadBalancer, targetGroups, fromMs, toMs, periodSeconds });
  };
  if (blueIsFrom === 'same-periods') {
    const both = await get([blue.targetGroup, green.targetGroup], window.fromMs);
    return { ...facts, periods: pairs(both[blue.targetGroup], both[green.targetGroup]) };
  }
  const shiftedAtMs = Math.floor((shift?.intendedAtMs ?? window.fromMs) / periodMs) * periodMs;
  const before = await get([blue.targetGroup], shiftedAtMs - window.periods * periodMs);
  const since = await get([green.targetGroup], window.fromMs);
  return { ...facts, periods: pairs(before[blue.targetGroup], since[green.targetGroup]) };
}

function pairs(
  blue: readonly TargetGroupPeriod[] = [],
  green: readonly TargetGroupPeriod[] = [],
): AnalysisFacts['periods'] {
  return green.map((ofGreen, index) => ({ blue: blue[index] ?? { requests: 0, errors: 0 }, green: ofGreen }));
}
