/** Turns the signals that end a process into an abort, so that everything started is stopped first. */
import { SIGNAL_EXIT_CODES } from './exit-codes.ts';
import { Interrupted } from './failures.ts';

const SIGNALS = Object.keys(SIGNAL_EXIT_CODES) as (keyof typeof SIGNAL_EXIT_CODES)[];

/** How often it is looked whether npm still runs. */
const NPM_WATCH_MS = 500;

/**
 * Runs `work` with a signal that aborts on SIGINT, SIGTERM or SIGHUP; its reason is an {@link Interrupted}.
 * A second signal ends the process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = (name: keyof typeof SIGNAL_EXIT_CODES): void => {
    if (controller.signal.aborted) process.exit(SIGNAL_EXIT_CODES[name]);
    controller.abort(new Interrupted(name));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  const watch = watchNpm(() => controller.abort(new Interrupted('SIGTERM')));
  try {
    return await work(controller.signal);
  } finally {
    clearInterval(watch);
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

/** npm gives SIGTERM to the shell that it runs us in, and that shell dies of it without telling us. */
function watchNpm(gone: () => void): NodeJS.Timeout | undefined {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const shell = process.ppid;
  return setInterval(() => {
    if (process.ppid !== shell) gone();
  }, NPM_WATCH_MS).unref();
}
