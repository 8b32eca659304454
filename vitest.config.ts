/** How the tests run: few workers (two cores), one build before them all, no network. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    // A worker loads the code once for all its files: each file's own copy of it took a third of the time.
    isolate: false,
    // Virtual clouds make much that soon is garbage: with more room for it less is copied.
    execArgv: ['--max-semi-space-size=32'],
    // Bundles run as they are, also in this process: Vite would transform them anew for each file of tests.
    server: { deps: { external: [/\/dist\//, /\.mjs$/] } },
    // One more than the cores of the machine that is aimed at: tests of real processes mostly wait.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    env: {
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  },
});
