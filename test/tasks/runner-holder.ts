/** A process of its own that holds a runner with one container, for the tests of what a dying runner leaves behind. */
import { createScaledClock } from '../../local/clock/scaled-clock.ts';
import { createProcessRunner } from '../../local/tasks/process-runner.ts';
import { containerSpec } from './containers.ts';

const command = process.argv.slice(2);

process.on('SIGTERM', () => process.exit(0));
createProcessRunner(createScaledClock()).start(containerSpec({ command }), {
  started: () => {},
  log: (line) => console.log(line),
  exited: () => {},
  failedToStart: (reason) => console.error(reason),
});
