/** What passes an HTTP check, and what is told of what does not. */
import { describe, expect, it } from 'vitest';
import type { HttpCheck } from '../../../lambdas/common/service.ts';
import { judgeAnswer } from '../../../lambdas/decisions/http-check.ts';

const CHECK: HttpCheck = { path: '/', method: 'GET', status: 200, inARow: 1, timeoutSeconds: 5 };
const ANSWER = {
  statusCode: 200,
  body: '{"status":"up","checks":[{"name":"db","ok":true}],"a/b":1,"m~n":null,"":"empty"}',
  durationMs: 20,
};
const judge = (check: Partial<HttpCheck>, answer: Partial<typeof ANSWER> = {}) =>
  judgeAnswer({ ...CHECK, ...check }, { ...ANSWER, ...answer });

describe('an answer', () => {
  it.each([
    [{}],
    [{ contains: '"up"' }],
    [{ latencyMs: 20 }],
    [{ json: { '/status': 'up', '/checks/0/ok': true, '/a~1b': 1, '/m~0n': null, '/': 'empty' } }],
  ])('passes %j', (check) => {
    expect(judge(check)).toBeUndefined();
  });

  it.each([
    [{}, { statusCode: 302 }, 'answered 302; expected 200'],
    [{ latencyMs: 19 }, {}, 'answered after 20 ms; allowed are 19 ms'],
    [{ contains: 'down' }, {}, 'answered without "down" in its body'],
    [{ json: { '/status': 'up' } }, { body: '<html>' }, 'answered with a body that is no JSON'],
    [{ json: { '/status': 'ok' } }, {}, 'answered with another string at /status; expected "ok"'],
    [{ json: { '/nothing/here': 1 } }, {}, 'answered with nothing at /nothing/here; expected 1'],
    [{ json: { '/checks': 'x' } }, {}, 'answered with a list at /checks; expected "x"'],
    [{ json: { '/checks/00/ok': true } }, {}, 'answered with nothing at /checks/00/ok; expected true'],
    [
      { json: { '/constructor/name': 'Object' } },
      {},
      'answered with nothing at /constructor/name; expected "Object"',
    ],
    [{ json: { '': 1 } }, { body: '2' }, 'answered with another number at its body; expected 1'],
  ])('does not pass %j with %j', (check, answer, reason) => {
    expect(judge(check, answer)).toBe(reason);
  });

  it('is not told of beyond what the check names: its body may hold secrets', () => {
    const body = '{"token":"s3cr3t"}';
    expect(judge({ json: { '/token': 'x' } }, { body })).not.toContain('s3cr3t');
    expect(judge({ contains: 'x' }, { body })).not.toContain('s3cr3t');
  });
});
