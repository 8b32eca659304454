/** Synthesizes a configuration into a cloud assembly, in a process of its own: CDK takes seconds, and memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cdkAppPath, packageRoot } from '../paths.ts';
import { exampleConfiguration, exampleConfigurationPath } from './example-configuration.ts';

export interface Synthesis {
  /** Resolves to the assembly's directory; rejects with what the CDK app had to say if it cannot be synthesized. */
  readonly directory: Promise<string>;
  /** Ends the process if it still runs, and removes the directory. */
  stop(): Promise<void>;
}

/**
 * @param configuration the path of a sidestep.yaml, or changes to the service of the example
 * @param others services beside it
 */
export function startSynthesis(
  configuration: string | Readonly<Record<string, unknown>> = {},
  others: Readonly<Record<string, unknown>> = {},
): Synthesis {
  if (typeof configuration === 'string') return synthesize(configuration);
  if (Object.keys({ ...configuration, ...others }).length === 0)
    return synthesize(exampleConfigurationPath());
  const directory = mkdtempSync(join(tmpdir(), 'sidestep-configuration-'));
  const path = join(directory, 'sidestep.yaml');
  writeFileSync(path, JSON.stringify(exampleConfiguration(configuration, others)));
  const synthesis = synthesize(path);
  return {
    ...synthesis,
    async stop() {
      await synthesis.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function synthesize(configurationPath: string): Synthesis {
  const outdir = mkdtempSync(join(tmpdir(), 'sidestep-cloud-'));
  const child = startCdkApp(configurationPath, outdir);
  const ended = endOf(child);
  const directory = ended.then((complaint) => {
    if (complaint === undefined) return outdir;
    throw new Error(`${configurationPath} could not be synthesized:\n${complaint}`);
  });
  // Whoever waits for the directory is told; nobody has to.
  directory.catch(() => {});
  return {
    directory,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(outdir, { recursive: true, force: true });
    },
  };
}

function startCdkApp(configurationPath: string, outdir: string): ChildProcess {
  const settings = { CDK_OUTDIR: outdir, SIDESTEP_CONFIG: configurationPath, CDK_VALIDATION: 'false' };
  return spawn(process.execPath, [cdkAppPath()], {
    cwd: packageRoot(),
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** How much of the app's complaints is shown. */
const COMPLAINT_CHARACTERS_MAX = 4_000;

/** Resolves when the process is gone: to nothing if it did its work, else to why not. */
function endOf(child: ChildProcess): Promise<string | undefined> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-COMPLAINT_CHARACTERS_MAX);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : complaint.trim() || `the CDK app ended with ${signal ?? code}`),
    );
  });
}
