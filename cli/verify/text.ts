/** The tree of a preflight, for people. */
import type { Output } from '../output.ts';
import type { Verified } from '../verify.ts';
import type { Status } from './finding.ts';

const STYLES = { OK: 'green', WARN: 'yellow', NG: 'red', SKIP: 'dim' } as const;
const WIDTH = 4;

/** @param paint styles for where the text goes */
export function verifiedText({ place, services, counts }: Verified, paint: Output['paint']): string {
  const mark = (status: Status): string => paint(STYLES[status], status.padEnd(WIDTH));
  const lines = services.flatMap(({ service, status, checks }) => [
    `${mark(status)} ${paint('bold', service)}`,
    ...checks.flatMap(({ name, status: of, findings }) => [
      `  ${mark(of)} ${name}`,
      ...findings.flatMap(({ status: found, says, todo }) => [
        `    ${mark(found)} ${says}`,
        ...(todo ? [`    ${' '.repeat(WIDTH)} → ${todo}`] : []),
      ]),
    ]),
  ]);
  const total = `${counts.OK} OK, ${counts.WARN} WARN, ${counts.NG} NG, ${counts.SKIP} SKIP`;
  return [`verified in ${place}; nothing was changed`, ...lines, total].join('\n');
}
