/** What a run of a scenario reports: while it goes on, and at its end. */
import type { Outcome } from '../../lambdas/common/deployment.ts';
import type { LoadFailure, LoadTotals } from '../load/index.ts';
import type { ObservedSides } from '../world/observe.ts';
import type { Scenario } from '../world/scenarios.ts';
import type { SaidWord } from '../world/signals.ts';
import type { EndedExecution } from './stages.ts';

/** A stage of the state machine, or a part of the preparation, that is over. */
export interface Duration {
  readonly name: string;
  readonly wallSeconds: number;
  /** The same in the local cloud's time; absent for what is not waited for there. */
  readonly cloudSeconds?: number;
}

export type DemoEvent =
  | { readonly kind: 'prepared'; readonly duration: Duration }
  | {
      readonly kind: 'pushed';
      readonly uri: string;
      readonly digest: string;
      /** `v2` if absent. */
      readonly tag?: string;
      readonly atWallSeconds: number;
    }
  | {
      readonly kind: 'requested';
      readonly input: Readonly<Record<string, unknown>>;
      readonly atWallSeconds: number;
    }
  | { readonly kind: 'stage begins'; readonly name: string }
  | ({ readonly kind: 'said' } & SaidWord)
  | {
      readonly kind: 'waits';
      /** The state that waits. */
      readonly name: string;
      /** Such as `orders-a: 1 of 2 tasks run orders:2, 1 pending`. */
      readonly waitingFor: string;
      /** Since the push. */
      readonly atCloudSeconds: number;
    }
  | StageEvent
  | ({ readonly kind: 'execution ended' } & EndedExecution);

export interface StageEvent {
  readonly kind: 'stage';
  readonly name: string;
  /** Since the process began. */
  readonly atWallSeconds: number;
  /** Since the push. */
  readonly atCloudSeconds: number;
  readonly duration: Duration;
  readonly retryCount: number;
  readonly failure?: { readonly error: string; readonly cause: string };
  readonly sides: ObservedSides;
  readonly requests: Pick<LoadTotals, 'sent' | 'failed' | 'failedByApplication'>;
}

export interface DemoResult {
  readonly scenario: Scenario;
  readonly outcome: Outcome;
  readonly deploymentId: string;
  /** Why it ended so, in words. */
  readonly reason: string;
  /** What is not as the scenario promises; empty if all is well. */
  readonly problems: readonly string[];
  readonly requests: Pick<LoadTotals, 'sent' | 'failed' | 'failedByApplication' | 'byVersion' | 'latencyMs'>;
  readonly failures: readonly LoadFailure[];
  /** In the order in which they ended. */
  readonly preparation: readonly Duration[];
  readonly stages: readonly Duration[];
  /** From the push to the execution's end. */
  readonly deployment: Duration;
  /** From the process's start to the last request. */
  readonly totalWallSeconds: number;
  /** Calls of AWS made by the functions: `ecs:UpdateService` → count. */
  readonly apiCalls: Readonly<Record<string, number>>;
  /** State transitions as AWS bills them. */
  readonly transitions: number;
  readonly sides: ObservedSides;
  /** How long no version served, as the record has it (recreate). Cloud time. */
  readonly downtimeSeconds?: number | undefined;
  /** What processes said that found another one running that must run alone. */
  readonly violations?: readonly string[];
  /** The revision that should run now, as the record has it. */
  readonly wantedRevisionArn?: string | undefined;
  /** Failures of the local cloud itself. */
  readonly faults: readonly string[];
}
