/** The proxy's process: a data plane that is called by messages, and that ends with the process that started it. */
import { createScaledClock } from '../../clock/scaled-clock.ts';
import { createRandom } from '../../random.ts';
import type { CallMessage, ProxySettings, ReplyMessage } from './protocol.ts';
import { createProxy } from './proxy.ts';

const { factor, seed } = JSON.parse(process.argv[2] ?? '{}') as ProxySettings;
const proxy = createProxy({
  clock: createScaledClock({ factor }),
  wall: createScaledClock(),
  random: createRandom(seed),
});

process.on('message', (message) => {
  void serve(message as CallMessage);
});
process.on('disconnect', () => process.exit(0));
// The control process may have gone while this one was loading: then no event comes any more.
if (!process.connected) process.exit(0);
// Ctrl-C reaches the whole process group: the control process decides when the proxy ends.
process.on('SIGINT', () => {});

async function serve({ id, call, arguments: args }: CallMessage): Promise<void> {
  try {
    const method = proxy[call] as (...args: unknown[]) => Promise<unknown>;
    reply({ id, result: await method(...args) });
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

function reply(message: ReplyMessage): void {
  if (process.connected) process.send?.(message);
}
