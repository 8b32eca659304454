/** The runtime of a function that can be killed: once it is, nothing that it waits for ever answers. */
import type {
  ClientConfiguration,
  HttpAnswer,
  HttpRequest,
  Log,
  Runtime,
} from '../../lambdas/common/runtime.ts';
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random.ts';

/** How an invocation is to be killed. */
export interface Interruption {
  /** After this many of its AWS calls have taken effect and before it hears of the last; 0: before the first. */
  afterCalls: number;
  /** `exit`: the process is gone, and Lambda says so at once. `hang`: nothing answers, until the time-out. */
  as: 'exit' | 'hang';
}

/** One invocation's hold on life, then its sandbox's. */
export interface Life {
  isDead(): boolean;
  /** Starts counting for an invocation; `exit` tells Lambda that the process is gone. */
  begin(interruption: Interruption | undefined, exit: () => void): void;
  /** One AWS call has taken effect, or failed. */
  countCall(): void;
  die(): void;
}

export interface MortalPorts {
  clock: Clock;
  random: Random;
  clientConfiguration: ClientConfiguration;
  request(request: HttpRequest): Promise<HttpAnswer>;
}

export function createLife(): Life {
  let dead = false;
  let callCount = 0;
  let plan: (Interruption & { exit: () => void }) | undefined;
  const dieAsPlanned = () => {
    dead = true;
    if (plan?.as === 'exit') plan.exit();
  };
  return {
    isDead: () => dead,
    begin(interruption, exit) {
      callCount = 0;
      plan = interruption && { ...interruption, exit };
      if (plan?.afterCalls === 0) dieAsPlanned();
    },
    countCall() {
      callCount += 1;
      if (callCount === plan?.afterCalls) dieAsPlanned();
    },
    die: () => {
      dead = true;
    },
  };
}

/** A promise that never settles. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** Makes the runtime of one sandbox. */
export function mortalRuntime(
  life: Life,
  { clock, random, clientConfiguration, request }: MortalPorts,
  env: Readonly<Record<string, string>>,
  log: Log,
): Runtime {
  const call: Around = (send) => whileAlive(life, () => send().finally(life.countCall));
  return {
    now: clock.now,
    random: random.next,
    sleep: (ms) => whileAlive(life, () => clock.sleep(ms)),
    env,
    clientConfiguration: aroundRequests(clientConfiguration, call),
    log,
    request: (asked) => whileAlive(life, () => request(asked)),
  };
}

async function whileAlive<T>(life: Life, effect: () => Promise<T>): Promise<T> {
  if (life.isDead()) return never();
  const [outcome] = await Promise.allSettled([effect()]);
  if (life.isDead()) return never();
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

type Around = (send: () => Promise<unknown>) => Promise<unknown>;

interface RequestHandler {
  handle(...request: unknown[]): Promise<unknown>;
}

/** The same client configuration with something around each request. */
function aroundRequests(configuration: ClientConfiguration, around: Around): ClientConfiguration {
  const inner = configuration.requestHandler as RequestHandler;
  const handle: RequestHandler['handle'] = (...request) => around(() => inner.handle(...request));
  return { ...configuration, requestHandler: Object.assign(Object.create(inner), { handle }) };
}
