/** How a service is deployed, as a CDK user says it. */
import type { Duration } from 'aws-cdk-lib';

/** A share of the traffic, and how long green has it. */
export interface StepProps {
  /** 0.1 to 100, with at most one decimal. */
  readonly percent: number;
  /** Left out in the last step: there it is the service's own bake. */
  readonly bake?: Duration;
}

/** Made by `Strategy`. */
export interface StrategyProps {
  readonly type: string;
  readonly percent?: number;
  readonly bake?: Duration;
  readonly every?: Duration;
  readonly steps?: StepProps[];
}

/** Makes strategies. */
// biome-ignore lint/complexity/noStaticOnlyClass: jsii exports classes, no functions
export class Strategy {
  /** Green takes all the traffic in one write. */
  static allAtOnce(): StrategyProps {
    return { type: 'all-at-once' };
  }

  /** Green takes a few percent, and the rest after that has baked. */
  static canary(percent: number, bake: Duration): StrategyProps {
    return { type: 'canary', percent, bake };
  }

  /** Green takes as much again with each step. */
  static linear(percent: number, every: Duration): StrategyProps {
    return { type: 'linear', percent, every };
  }

  /** Shares that rise to 100, each with a bake of its own. */
  static steps(...steps: StepProps[]): StrategyProps {
    return { type: 'steps', steps };
  }

  /** ECS replaces the tasks of the one side in place. */
  static rolling(): StrategyProps {
    return { type: 'rolling' };
  }

  /** All old tasks have stopped before the first new one starts. */
  static recreate(): StrategyProps {
    return { type: 'recreate' };
  }

  /** The ECS service's own blue/green, linear or canary strategy. */
  static native(): StrategyProps {
    return { type: 'native' };
  }
}
