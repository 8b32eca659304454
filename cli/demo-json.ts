/** The demo's result as the documented JSON object: its keys are a promise to scripts. Pure. */
import type { DemoResult } from '../local/demo/result.ts';

export interface DemoDocument {
  outcome: string;
  deploymentId: string;
  requests: { sent: number; failed: number; failedByApplication: number; byVersion: Record<string, number> };
  /** Wall seconds: `total`, `deployment` (push to end), parts of the preparation (`startLocalCloud`), stages (`Bake`). */
  durationsSeconds: Record<string, number>;
  /** Calls of AWS by the functions during the deployment: `ecs:UpdateService` → count. */
  apiCalls: Record<string, number>;
  transitions: number;
  /** How long no version served; only of deployments that stop the old version first. */
  downtimeSeconds?: number;
}

export function toDocument(result: DemoResult): DemoDocument {
  const { outcome, deploymentId, requests, apiCalls, transitions } = result;
  const { sent, failed, failedByApplication, byVersion } = requests;
  const durations = [...result.preparation, ...result.stages, result.deployment];
  const durationsSeconds: Record<string, number> = { total: rounded(result.totalWallSeconds) };
  for (const { name, wallSeconds } of durations) {
    const key = name.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
    // A stage may run more than once.
    durationsSeconds[key] = rounded((durationsSeconds[key] ?? 0) + wallSeconds);
  }
  return {
    outcome,
    deploymentId,
    requests: { sent, failed, failedByApplication, byVersion: { ...byVersion } },
    durationsSeconds,
    apiCalls: { ...apiCalls },
    transitions,
    ...(result.downtimeSeconds !== undefined && { downtimeSeconds: result.downtimeSeconds }),
  };
}

const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
