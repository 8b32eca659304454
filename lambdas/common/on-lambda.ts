/** The handler that Lambda itself calls. */
import { type Handler, lambdaRuntime, type Runtime } from './runtime.ts';

/** Makes a handler for a runtime: what a bundle exports for every clock but Lambda's own. */
export type Create = (runtime: Runtime) => Handler;

/** Made at its first invocation, kept for the next. */
export function onLambda(create: Create): Handler {
  let handler: Handler | undefined;
  return (event) => {
    handler ??= create(lambdaRuntime());
    return handler(event);
  };
}
