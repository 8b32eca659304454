/** Holds the interpreter to executions recorded on AWS. */
import { describe, expect, it } from 'vitest';
import {
  asShown,
  detailsOf,
  isAsRecorded,
  needsJsonPath,
  type RecordedCase,
  type Replay,
  readCorpus,
  recordedJson,
  replay,
} from './corpus.ts';

const corpus = readCorpus();
const where = corpus ? '' : ' (skipped: ../shared/asl-corpus/corpus.json is not beside the repository)';

/** Cases that do not give AWS's outcome, each with the reason. */
const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {};

function hasSameOutcome(recorded: RecordedCase, { output, error }: Replay): boolean {
  const last = recorded.events.at(-1);
  if (!last) return false;
  const details = detailsOf(last);
  if (recorded.term === 'ExecutionSucceeded')
    return output !== undefined && isAsRecorded(recordedJson(details.output), output);
  return output === undefined && details.error === error;
}

const inScope = (corpus ?? []).filter((recorded) => !needsJsonPath(recorded));
const replays = new Map(
  await Promise.all(inScope.map(async (recorded) => [recorded.id, await replay(recorded)] as const)),
);

describe.skipIf(!corpus)(`executions recorded on AWS${where}`, () => {
  it('has the 142 JSONata cases, 9 of which need JSONPath', () => {
    expect([corpus?.length, inScope.length]).toEqual([142, 133]);
  });

  it('give the same output or error here, but for those listed with a reason', () => {
    const different = inScope
      .filter((recorded) => !hasSameOutcome(recorded, replays.get(recorded.id) as Replay))
      .map(({ id }) => id);
    expect(different.sort()).toEqual(Object.keys(KNOWN_DIFFERENCES).sort());
    expect((inScope.length - different.length) / inScope.length).toBeGreaterThanOrEqual(0.95);
  });

  it('go through the same events, with the same data in them', () => {
    const different = inScope.filter(
      ({ id, events }) => !isAsRecorded(events, (replays.get(id)?.history ?? []).map(asShown)),
    );
    expect(different.map(({ id }) => id)).toEqual([]);
  });
});
