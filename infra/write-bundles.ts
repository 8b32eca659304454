/** Bundles the handlers into dist/lambdas, and prints how many bytes each makes Lambda load at a cold start. */
import { bundleHandlers } from './bundle-handlers.ts';

for (const { name, bytes } of await bundleHandlers()) console.log(`${String(bytes).padStart(8)}  ${name}`);
