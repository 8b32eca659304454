/** The runtime's HTTP, as a port that a step can ask for. */
import type { Runtime } from './runtime.ts';

export const http = (runtime: Runtime): Runtime['get'] => runtime.get;
