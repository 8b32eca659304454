/** The `sidestep` command. */
import { main } from './main.ts';
import { ignoreClosedPipes } from './output.ts';

// The SDK tells Node 20 about itself on stderr, once per process.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
ignoreClosedPipes();
process.exitCode = await main(process.argv.slice(2));
