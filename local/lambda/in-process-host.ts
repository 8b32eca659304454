/** Runs functions in this process, on the virtual clock, and can kill them between any two of their AWS calls. */
import type { ClientConfiguration, HttpAnswer, HttpRequest } from '../../lambdas/common/runtime.ts';
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random.ts';
import type { LogSink } from '../simulators.ts';
import { type Bundle, type ContextHandler, handlerMaker, loadBundle } from './bundle.ts';
import { functionEnvironment } from './function-environment.ts';
import { exitedError, thrownError } from './function-error.ts';
import type { FunctionConfiguration, FunctionHost, InvocationResult } from './function-host.ts';
import { createLog } from './log.ts';
import { createLife, type Interruption, mortalRuntime, never } from './mortal-runtime.ts';
import { createSandboxHost, jsonClone, type Sandbox } from './sandbox-host.ts';

/** Asked at the start of each invocation; undefined leaves it alone. */
export type Interrupt = (functionName: string, event: unknown) => Interruption | undefined;

export interface InProcessHostPorts {
  clock: Clock;
  random: Random;
  logs: LogSink;
  /** SDK client configuration whose requests reach the local cloud as the caller's, without a socket. */
  clientConfiguration(caller: string): ClientConfiguration;
  /** One HTTP request through the modelled load balancer. */
  request(request: HttpRequest): Promise<HttpAnswer>;
}

export interface InProcessHost extends FunctionHost {
  /** Adds a way to kill invocations; the result removes it. */
  interrupt(interrupt: Interrupt): () => void;
}

/**
 * Makes a host whose functions run in this process.
 * Warm a function up before the virtual clock runs: importing its bundle is real I/O, which that clock does not see.
 */
export function createInProcessHost(ports: InProcessHostPorts): InProcessHost {
  const interrupts = new Set<Interrupt>();
  const bundles = new Map<string, Bundle>();
  let ordinal = 0;

  const start = async (configuration: FunctionConfiguration): Promise<Sandbox> => {
    const { codeDirectory, handler } = configuration;
    const bundle = bundles.get(codeDirectory) ?? (await loadBundle(codeDirectory, handler));
    bundles.set(codeDirectory, bundle);
    ordinal += 1;
    return createSandbox(
      configuration,
      bundle,
      { ...ports, random: ports.random.fork(`sandbox ${ordinal}`) },
      ask,
    );
  };
  const ask: Interrupt = (functionName, event) => {
    for (const interrupt of interrupts) {
      const interruption = interrupt(functionName, event);
      if (interruption) return interruption;
    }
    return undefined;
  };
  return {
    ...createSandboxHost({ clock: ports.clock, start, sandboxesMax: Number.POSITIVE_INFINITY }),
    interrupt(interrupt) {
      interrupts.add(interrupt);
      return () => interrupts.delete(interrupt);
    },
  };
}

function createSandbox(
  configuration: FunctionConfiguration,
  bundle: Bundle,
  ports: InProcessHostPorts,
  ask: Interrupt,
): Sandbox {
  const { functionName, logGroupName } = configuration;
  const life = createLife();
  const log = createLog(ports.clock.now, (line) => ports.logs.append(logGroupName, '[$LATEST]', line));
  const environment = functionEnvironment(configuration, 'http://in-process.invalid');
  const clientConfiguration = ports.clientConfiguration(functionName);
  const make = handlerMaker(bundle);
  // Made when it is first called: most functions never are, and each has SDK clients to construct.
  let handler: ContextHandler | undefined;
  const runtime = () => mortalRuntime(life, { ...ports, clientConfiguration }, environment, log);
  const invocable = (): ContextHandler => {
    handler ??= make(runtime());
    return handler;
  };
  return {
    isUsable: () => !life.isDead(),
    invoke(event, requestId) {
      log.startInvocation();
      return new Promise((resolve) => {
        life.begin(ask(functionName, event), () =>
          resolve({ error: exitedError(requestId, 'signal: killed') }),
        );
        void (life.isDead() ? never<InvocationResult>() : run(invocable(), event, requestId)).then(resolve);
      });
    },
    async kill() {
      life.die();
    },
  };
}

async function run(handler: ContextHandler, event: unknown, requestId: string): Promise<InvocationResult> {
  try {
    return { payload: jsonClone(await handler(event, { awsRequestId: requestId })) };
  } catch (error) {
    return { error: thrownError(error) };
  }
}
