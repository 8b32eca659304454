/** Finds the local cloud that runs here, and refuses to talk to anything that is not on this machine. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOOPBACK_HOSTS } from '../local/wire/loopback.ts';
import { CannotDo, UsageError } from './failures.ts';
import { commandName } from './output.ts';

/** What a running `sidestep local` writes into the directory that it was started in. */
export interface LocalCloudFile {
  readonly endpoint: string;
  readonly pid: number;
  /** URL of the production listener. */
  readonly loadBalancer: string;
}

const localCloudPath = (directory: string): string => join(directory, '.sidestep', 'local.json');

export function readLocalCloudFile(directory: string): LocalCloudFile | undefined {
  const path = localCloudPath(directory);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LocalCloudFile;
  } catch (cause) {
    throw new CannotDo(`${path} is not what \`sidestep local\` writes; remove it`, { cause });
  }
}

/** @returns removes the file, if it is still this process's own */
export function writeLocalCloudFile(directory: string, content: LocalCloudFile): () => void {
  const path = localCloudPath(directory);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(content, undefined, 2)}\n`);
  return () => {
    if (existsSync(path) && readLocalCloudFile(directory)?.pid === content.pid) rmSync(path);
  };
}

/** Whether the process that wrote the file still runs; a file may survive its process. */
export function isRunning({ pid }: LocalCloudFile): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * `--endpoint-url`, AWS_ENDPOINT_URL, or the cloud that runs in this directory.
 * @throws CannotDo if there is none; UsageError if it is not on this machine
 */
export function findEndpoint(
  given: string | undefined,
  { directory, env }: { directory: string; env: Readonly<Record<string, string | undefined>> },
): string {
  const url = given ?? env.AWS_ENDPOINT_URL;
  if (url) return requireLoopback(url);
  const file = readLocalCloudFile(directory);
  if (file && isRunning(file)) return requireLoopback(file.endpoint);
  throw new CannotDo(
    `no local cloud runs in this directory; start one with \`${commandName()} local\`, or give --endpoint-url`,
  );
}

/** Local images mean nothing to a real registry, and a push there would deploy one. @throws UsageError */
export function requireLoopback(url: string): string {
  if (LOOPBACK_HOSTS.includes(hostOf(url))) return url;
  const example = `http://127.0.0.1:4588 (${LOOPBACK_HOSTS.join(', ')})`;
  throw new UsageError(`endpoint is ${url}; allowed are addresses of this machine, such as ${example}`);
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}
