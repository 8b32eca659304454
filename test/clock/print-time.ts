/** Prints what a clock shows that was made in a process of its own. */
import { createScaledClock, type ScaledClockOptions } from '../../local/clock/scaled-clock.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as ScaledClockOptions;
process.stdout.write(String(createScaledClock(options).now()));
