/** Functions for the tests of Lambda: a bundle written from a few lines, described with every default filled in. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionDescription } from '../../local/lambda/function-registry.ts';

/** Writes `index.mjs` with this source into a directory of its own, and describes the function. */
export function functionOf(source: string, given: Partial<FunctionDescription> = {}): FunctionDescription {
  const codeDirectory = mkdtempSync(join(tmpdir(), 'sidestep-function-'));
  writeFileSync(join(codeDirectory, 'index.mjs'), source);
  const functionName = given.functionName ?? 'toy';
  return {
    functionName,
    functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    codeDirectory,
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 10,
    memoryMegabytes: 128,
    logGroupName: `/aws/lambda/${functionName}`,
    roleArn: 'arn:aws:iam::000000000000:role/toy',
    runtime: 'nodejs24.x',
    architectures: ['arm64'],
    ...given,
  };
}

/** Keeps what is logged. */
export function keptLogs() {
  const lines: string[] = [];
  return { lines, append: (_group: string, _stream: string, line: string) => void lines.push(line) };
}
