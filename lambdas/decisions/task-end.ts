/** Whether a one-off task ended well: STOPPED by itself, and every essential container with exit code 0. */

export interface EndedTask {
  stopCode?: string;
  stoppedReason?: string;
  containers?: { name?: string; exitCode?: number; reason?: string }[];
}

/** A container of the task's definition. */
export interface DefinedContainer {
  name?: string;
  essential?: boolean;
}

export type EndVerdict = { readonly passed: true } | { readonly passed: false; readonly reason: string };

/**
 * @param task in status STOPPED
 * @param definition its definition's containers; one that says nothing is essential
 */
export function judgeTaskEnd(
  { stopCode, stoppedReason = '', containers = [] }: EndedTask,
  definition: readonly DefinedContainer[],
): EndVerdict {
  if (stopCode === 'UserInitiated') return { passed: false, reason: `it was stopped: ${stoppedReason}` };
  const essential = definition.filter((container) => container.essential !== false);
  const bad = essential.flatMap(({ name = '' }) => {
    const exitCode = containers.find((container) => container.name === name)?.exitCode;
    if (exitCode === 0) return [];
    return exitCode === undefined ? `${name} never started` : `${name} exited with code ${exitCode}`;
  });
  return bad.length === 0 ? { passed: true } : { passed: false, reason: bad.join(', ') };
}

/** A container's exit code; undefined if it never ran. */
export function exitCodeOf({ containers = [] }: EndedTask, container: string): number | undefined {
  return containers.find(({ name }) => name === container)?.exitCode;
}
