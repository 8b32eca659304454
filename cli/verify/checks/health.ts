/** Health checks and the times around them: long enough to start, and long enough to stop. */
import type { Service, TaskDefinition } from '../../../lambdas/aws/ecs.ts';
import type { TargetGroupFacts } from '../../../lambdas/aws/load-balancers.ts';
import type { ServiceConfiguration } from '../../../lambdas/common/service.ts';
import { spellSeconds } from '../../plan/spell.ts';
import { valueIn } from '../fact.ts';
import type { ServiceFacts, SideFacts } from '../facts.ts';
import { type Finding, ng, ok, warn } from '../finding.ts';

/** What ECS gives a container that does not say otherwise. */
const STOP_TIMEOUT_SECONDS = 30;
/** A task that is given less than this to answer is killed before most applications have started. */
const PATIENCE_SECONDS = 30;

export function judgeHealth({
  sides,
  configuration,
}: Pick<ServiceFacts, 'sides' | 'configuration'>): Finding[] {
  const found = sides.flatMap((side) => judgeSide(side, configuration));
  return found.length > 0 ? found : [ok('no load balancer checks these tasks')];
}

function judgeSide(side: SideFacts, configuration: ServiceConfiguration): Finding[] {
  const group = valueIn(side.targetGroup);
  if (!group) return [];
  const service = valueIn(side.service);
  return [
    ...judgeCheck(side.name, group),
    ...judgeStart(side.name, group, { service, configuration }),
    ...judgeStop(side.name, group, { definition: valueIn(side.definition), configuration }),
  ];
}

function judgeCheck(name: string, { healthCheck }: TargetGroupFacts): Finding[] {
  const { enabled, protocol, path, intervalSeconds, timeoutSeconds } = healthCheck;
  if (!enabled)
    return [
      ng(
        `${name} has no health check: nobody could tell when its targets are good`,
        'enable the health check of its target group',
      ),
    ];
  const byHttp = protocol === 'HTTP' || protocol === 'HTTPS';
  if (byHttp && !path)
    return [
      ng(`${name}'s health check has no path`, 'give it the path that answers when the application is ready'),
    ];
  if (timeoutSeconds >= intervalSeconds)
    return [
      ng(
        `${name}'s health check times out after ${timeoutSeconds} s and is made every ${intervalSeconds} s`,
        'let its time-out be shorter than its interval',
      ),
    ];
  const where = byHttp ? `asks ${path}` : `opens a connection (${protocol})`;
  return [
    ok(`${name}'s health check ${where} every ${intervalSeconds} s`),
    ...(byHttp && path === '/'
      ? [
          warn(
            `${name}'s health check asks /, which may answer before the application is ready`,
            'give it a path of its own',
          ),
        ]
      : []),
  ];
}

/** A new target is good after one pass; one that failed once needs all of them again. */
function judgeStart(
  name: string,
  { healthCheck }: TargetGroupFacts,
  { service, configuration }: { service: Service | undefined; configuration: ServiceConfiguration },
): Finding[] {
  const { intervalSeconds, healthyThreshold, unhealthyThreshold } = healthCheck;
  const graceSeconds = service?.healthCheckGracePeriodSeconds ?? 0;
  const recoverySeconds = intervalSeconds * healthyThreshold;
  const limitSeconds = configuration.steadyStateTimeoutSeconds;
  const findings: Finding[] = [];
  if (recoverySeconds >= limitSeconds)
    findings.push(
      ng(
        `a target of ${name} that fails once is healthy again after ${spellSeconds(recoverySeconds)} at best (${healthyThreshold} × ${intervalSeconds} s); steadyState.timeout is ${spellSeconds(limitSeconds)}`,
        'shorten the interval, lower the healthy threshold, or raise steadyState.timeout',
      ),
    );
  if (graceSeconds >= limitSeconds)
    findings.push(
      ng(
        `${name}'s grace period is ${spellSeconds(graceSeconds)}: a version that never becomes healthy is not replaced within steadyState.timeout (${spellSeconds(limitSeconds)})`,
        'shorten healthCheckGracePeriodSeconds of the ECS service',
      ),
    );
  const patienceSeconds = graceSeconds + intervalSeconds * unhealthyThreshold;
  if (service && patienceSeconds < PATIENCE_SECONDS)
    findings.push(
      warn(
        `a task of ${name} that does not answer within ${patienceSeconds} s of its start is replaced (grace period ${graceSeconds} s)`,
        'set healthCheckGracePeriodSeconds of the ECS service to what the application needs to start',
      ),
    );
  if (findings.length > 0) return findings;
  return [
    ok(
      `${name} may take ${spellSeconds(limitSeconds)} to become healthy, grace period ${spellSeconds(graceSeconds)}`,
    ),
  ];
}

function judgeStop(
  name: string,
  { deregistrationDelaySeconds }: TargetGroupFacts,
  {
    definition,
    configuration,
  }: { definition: TaskDefinition | undefined; configuration: ServiceConfiguration },
): Finding[] {
  if (!definition) return [];
  const stopSeconds = stopTimeoutOf(definition);
  const needed = deregistrationDelaySeconds + stopSeconds;
  const delay = `deregistration delay ${spellSeconds(deregistrationDelaySeconds)}, stop time-out ${spellSeconds(stopSeconds)}`;
  if (needed >= configuration.drainTimeoutSeconds)
    return [
      ng(
        `${name} takes up to ${spellSeconds(needed)} to stop (${delay}); drain.timeout is ${spellSeconds(configuration.drainTimeoutSeconds)}`,
        'raise drain.timeout above the two together, or lower the deregistration delay',
      ),
    ];
  if (stopSeconds < deregistrationDelaySeconds)
    return [
      warn(
        `${name} has ${delay}: AWS documents that a task is told to stop after its last requests, and tasks were seen that were told before; a request longer than ${spellSeconds(stopSeconds)} would then be cut`,
        'let stopTimeout cover the longest request, or lower the deregistration delay to it, which saves time too',
      ),
    ];
  return [ok(`${name} has ${delay}`)];
}

export function stopTimeoutOf({
  containerDefinitions = [],
}: Pick<TaskDefinition, 'containerDefinitions'>): number {
  return Math.max(0, ...containerDefinitions.map(({ stopTimeout }) => stopTimeout ?? STOP_TIMEOUT_SECONDS));
}
