/** Whether ECR's findings and signatures let an image pass: only what is known to be good does, and only in time. */
import { SEVERITIES, type Severity } from '../common/service.ts';

/** A scan as ECR tells of it; its words are AWS's, and may be new ones. */
export interface ScanFacts {
  readonly status?: string;
  readonly description?: string;
  /** Whether there are findings of a scan that has ended. */
  readonly isCompleted: boolean;
  /** Severity → number of findings; a severity without findings is absent. */
  readonly counts: Readonly<Record<string, number>>;
}

/** One signing profile's state. */
export interface SigningFacts {
  readonly profileArn: string;
  readonly status?: string;
  readonly reason?: string;
}

/** A manifest that the service may run, with its scan: undefined if none was ever begun. */
export interface ScannedManifest {
  readonly name: string;
  readonly scan: ScanFacts | undefined;
}

export type GateVerdict =
  | { readonly gate: 'passed'; readonly told: string }
  | { readonly gate: 'open'; readonly waitingFor: string }
  | { readonly gate: 'refused'; readonly reason: string };

const passed = (told: string): GateVerdict => ({ gate: 'passed', told });
const open = (waitingFor: string): GateVerdict => ({ gate: 'open', waitingFor });
const refused = (reason: string): GateVerdict => ({ gate: 'refused', reason });

/** Every one of them has to pass; what has not within the time is refused. @param waitedSeconds since the gate began */
export function judgeScans(
  manifests: readonly ScannedManifest[],
  { atMost, timeoutSeconds }: { readonly atMost: Severity; readonly timeoutSeconds: number },
  waitedSeconds: number,
): GateVerdict {
  if (manifests.length === 0) return refused('there is nothing in the image that the service could run');
  const verdicts = manifests.map((manifest) => judgeScan(manifest, atMost));
  return inTime(allOf(verdicts), timeoutSeconds, waitedSeconds);
}

/** Scans that will not come, whatever time they get. */
const HOPELESS: readonly string[] = [
  'FAILED',
  'UNSUPPORTED_IMAGE',
  'FINDINGS_UNAVAILABLE',
  'LIMIT_EXCEEDED',
  'SCAN_ELIGIBILITY_EXPIRED',
  'IMAGE_ARCHIVED',
];

function judgeScan({ name, scan }: ScannedManifest, atMost: Severity): GateVerdict {
  if (!scan) return open(`the scan of ${name}, which has not begun`);
  const { status = 'unknown', description, isCompleted, counts } = scan;
  const told = [status, description].filter(Boolean).join(': ');
  switch (status) {
    case 'PENDING':
    case 'IN_PROGRESS':
      return open(`the scan of ${name}, which is ${status}`);
    // Continuous scanning is ACTIVE from its first findings on, and basic scanning COMPLETE.
    case 'ACTIVE':
    case 'COMPLETE':
      return isCompleted ? judgeFindings(name, counts, atMost) : open(`the findings of ${name}`);
    default:
      return refused(
        HOPELESS.includes(status)
          ? `the scan of ${name} is ${told}`
          : `the scan of ${name} is ${told}, which nobody here knows`,
      );
  }
}

/** A severity that is not of the list, UNDEFINED among them, counts as worse than all. */
function judgeFindings(name: string, counts: ScanFacts['counts'], atMost: Severity): GateVerdict {
  const bound = SEVERITIES.indexOf(atMost);
  const isWorse = (severity: string): boolean => {
    const rank = (SEVERITIES as readonly string[]).indexOf(severity);
    return rank === -1 || rank > bound;
  };
  const found = Object.entries(counts).filter(([, count]) => count !== 0);
  const worse = found.filter(([severity]) => isWorse(severity));
  const list = (entries: typeof found) =>
    entries.map(([severity, count]) => `${count} ${severity}`).join(', ');
  if (worse.length === 0) return passed(`the scan of ${name} found ${list(found) || 'nothing'}`);
  return refused(`the scan of ${name} found ${list(worse)}; at most ${atMost} is allowed`);
}

/** ECR signs for each profile that the registry's rules give the repository: one signature that is missing is missing. */
export function judgeSignatures(
  name: string,
  profiles: readonly SigningFacts[],
  { timeoutSeconds }: { readonly timeoutSeconds: number },
  waitedSeconds: number,
): GateVerdict {
  const verdicts = profiles.map((profile) => judgeSignature(name, profile));
  const verdict =
    profiles.length === 0
      ? open(`a signature of ${name}, which no signing profile has begun`)
      : allOf(verdicts);
  return inTime(verdict, timeoutSeconds, waitedSeconds);
}

function judgeSignature(name: string, { profileArn, status, reason }: SigningFacts): GateVerdict {
  if (status === 'COMPLETE') return passed(`${name} is signed with ${profileArn}`);
  if (status === 'IN_PROGRESS') return open(`the signature of ${name} with ${profileArn}`);
  const told = [status ?? 'unknown', reason].filter(Boolean).join(': ');
  return refused(`the signature of ${name} with ${profileArn} is ${told}`);
}

/** One that is refused refuses all; else one that is open keeps all open. */
export function allOf(verdicts: readonly GateVerdict[]): GateVerdict {
  const is = (gate: GateVerdict['gate']) => verdicts.find((verdict) => verdict.gate === gate);
  const told = verdicts.flatMap((verdict) => (verdict.gate === 'passed' ? verdict.told : []));
  return is('refused') ?? is('open') ?? passed(told.join('; '));
}

function inTime(verdict: GateVerdict, timeoutSeconds: number, waitedSeconds: number): GateVerdict {
  if (verdict.gate !== 'open' || waitedSeconds < timeoutSeconds) return verdict;
  return refused(`after ${timeoutSeconds} s it still waits for ${verdict.waitingFor}`);
}
