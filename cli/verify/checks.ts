/** The checks of a preflight, in the order in which people read them. */
import { judgeAlarms } from './checks/alarms.ts';
import { judgeController } from './checks/controller.ts';
import { judgeDrift } from './checks/drift.ts';
import { judgeHealth } from './checks/health.ts';
import { judgeImages } from './checks/image.ts';
import { judgeLogs } from './checks/logs.ts';
import { judgePorts } from './checks/ports.ts';
import { judgeQuotas } from './checks/quotas.ts';
import { judgeRetention } from './checks/retention.ts';
import { judgeRoles } from './checks/roles.ts';
import { judgeScaling } from './checks/scaling.ts';
import { judgeSecrets } from './checks/secrets.ts';
import { judgeTraffic } from './checks/traffic.ts';
import type { ServiceFacts } from './facts.ts';
import { type Finding, type Status, worstOf } from './finding.ts';

const CHECKS: Readonly<Record<string, (facts: ServiceFacts) => Finding[]>> = {
  services: judgeController,
  image: judgeImages,
  roles: judgeRoles,
  secrets: judgeSecrets,
  ports: judgePorts,
  traffic: judgeTraffic,
  'health checks': judgeHealth,
  alarms: judgeAlarms,
  'log groups': judgeLogs,
  autoscaling: judgeScaling,
  quotas: judgeQuotas,
  retention: judgeRetention,
  drift: judgeDrift,
};

export interface Check {
  readonly name: string;
  /** The worst of its findings. */
  readonly status: Status;
  readonly findings: readonly Finding[];
}

export function checkAll(facts: ServiceFacts): Check[] {
  return Object.entries(CHECKS).flatMap(([name, judge]) => {
    const findings = judge(facts);
    return findings.length > 0 ? [{ name, status: worstOf(findings), findings }] : [];
  });
}
