/** What a scenario of the demo is: which world, which new version, what a person says, and how it must end. */
import type { Outcome, SignalName } from '../../../lambdas/common/deployment.ts';
import type { Strategy } from '../../../lambdas/common/service.ts';
import type { WorldOptions } from '../options.ts';

export interface Scenario {
  readonly name: string;
  readonly strategy: Strategy['type'];
  readonly expectedOutcome: Outcome;
  /** What happens, in a sentence. */
  readonly says: string;
  /** What v2's image sets beside VERSION: the sample application's faults. */
  readonly green: Readonly<Record<string, string>>;
  /** The new version's tag; `v2` if absent. */
  readonly tag?: string;
  /** What ECR's scan finds in it; nothing if absent. */
  readonly findings?: Readonly<Record<string, number>>;
  /** What is pushed when the deployment has ended, and how that must end. */
  readonly afterwards?: { readonly tag: string; readonly expectedOutcome: Outcome };
  readonly world: WorldOptions;
  /** Changes to the service of the example configuration, as sidestep.yaml writes them; none if absent. */
  readonly service?: Readonly<Record<string, unknown>>;
  /** A push that has had its deployment before anything else happens. */
  readonly beforehand?: { readonly tag: string };
  /** What a person starts the machine with, in place of a push of v2. */
  readonly request?: Readonly<Record<string, unknown>>;
  /** Services beside the example's, as sidestep.yaml writes them: the demo follows the example's. */
  readonly others?: Readonly<Record<string, unknown>>;
  /** A push that comes when the machine first enters the state, and takes the deployment's place. */
  readonly meanwhile?: { readonly in: string; readonly tag: string };
  /** Whether no event ever tells of a push. */
  readonly losesPushEvents?: boolean;
  /** When the new version is pushed: when the cloud's clock shows that minute of each `of`. */
  readonly pushesAt?: { readonly minute: number; readonly of: number };
  /** What a person says, in the order given, when the machine enters the state. */
  readonly operator?: readonly {
    readonly in: string;
    readonly signal: SignalName;
    readonly reason?: string;
  }[];
  /** Whether v1 serves before the push. */
  readonly blueServes: boolean;
}

/** What most scenarios have in common. */
export const V1_SERVES = { green: {}, world: {}, blueServes: true } as const;
/** A quarter of the answers of v2 are errors. */
export const BAD_ANSWERS = { REQUEST_STATUS: '500', REQUEST_FAILURE_RATE: '0.25' } as const;
