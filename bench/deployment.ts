/** What one all-at-once deployment costs: transitions, invocations and AWS calls, counted on the virtual clock. */
import { makeBed } from '../test/statemachine/bed.ts';

/** us-east-1, dollars: Step Functions per transition, Lambda per request and per GB-second (arm64), DynamoDB per write and read unit. */
const PRICES = {
  transition: 0.025e-3,
  request: 0.2e-6,
  gbSecond: 0.0000133334,
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
};
/** Not measured on AWS: a guess on the safe side. */
const SECONDS_PER_INVOCATION = 0.4;
const GIGABYTES = 0.25;
const MINUTES_PER_MONTH = 43_800;

const bed = await makeBed();
const before = bed.cloud.endpoint.calls.length;
await bed.push('v2');
const [execution] = await bed.untilEnded();
const calls = bed.cloud.endpoint.calls.slice(before).filter(({ caller }) => /Function/.test(caller));
const states = await bed.statesOf(execution?.executionArn ?? '');

const byService: Record<string, number> = {};
for (const { service } of calls) byService[service] = (byService[service] ?? 0) + 1;
const mutating = calls.filter(
  ({ operation }) => /^(Update|Modify|Register)/.test(operation) && operation !== 'UpdateItem',
);
/** Each invocation begins with a read of the table, or of the configuration. */
const invocations = new Set(calls.map(({ caller, atMs }) => `${caller} ${atMs}`)).size;
const writes = calls.filter(({ operation }) => /^(Put|Update|Delete)Item$/.test(operation)).length;
const transactions = calls.filter(({ operation }) => operation === 'TransactWriteItems').length;
const reads = calls.filter(({ operation }) => /^(GetItem|Query)$/.test(operation)).length;
/** Every state entered; nothing is retried here. */
const transitions = states.length;

const compute = (times: number): number =>
  times * (PRICES.request + SECONDS_PER_INVOCATION * GIGABYTES * PRICES.gbSecond);
/** A record has up to 8 KB: as many write units per write, twice that in a transaction with the lock's check. */
const table = (writes * 4 + transactions * 2 * 9) * PRICES.writeUnit + reads * 2 * PRICES.readUnit;
const cost = transitions * PRICES.transition + compute(invocations) + table;

console.log(
  JSON.stringify(
    {
      transitions,
      invocations,
      calls: { total: calls.length, ...byService },
      changes: mutating.map(({ operation }) => operation),
      dollars: {
        deployment: Number(cost.toFixed(5)),
        sweepPerMonth: Number(compute(MINUTES_PER_MONTH).toFixed(2)),
      },
    },
    null,
    2,
  ),
);
await bed.close();
