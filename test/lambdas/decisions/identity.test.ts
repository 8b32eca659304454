/** Who a caller is by AWS's word, and whether that is an approver. */
import { describe, expect, it } from 'vitest';
import { identityOf, judgeApprover } from '../../../lambdas/decisions/identity.ts';

const GRACE = 'arn:aws:iam::123456789012:role/grace';

describe('the identity of a caller', () => {
  it.each([
    ['arn:aws:sts::123456789012:assumed-role/grace/on-call', { by: GRACE, session: 'on-call' }],
    [
      'arn:aws-cn:sts::123456789012:assumed-role/grace/a@b.c',
      { by: 'arn:aws-cn:iam::123456789012:role/grace', session: 'a@b.c' },
    ],
    ['arn:aws:iam::123456789012:user/team/ada', { by: 'arn:aws:iam::123456789012:user/team/ada' }],
    ['arn:aws:iam::123456789012:root', { by: 'arn:aws:iam::123456789012:root' }],
    ['arn:aws:sts::123456789012:federated-user/ada', { by: 'arn:aws:sts::123456789012:federated-user/ada' }],
  ])('%s', (userArn, identity) => {
    expect(identityOf(userArn)).toEqual(identity);
  });
});

describe('an approver', () => {
  it.each([
    ['anybody who may speak, if none is named', GRACE, [], true],
    ['a role that is named', GRACE, [GRACE], true],
    ['a role that is named with its path', GRACE, ['arn:aws:iam::123456789012:role/teams/a/grace'], true],
    ['a role of that name in another account', GRACE, ['arn:aws:iam::210987654321:role/grace'], false],
    [
      'a user of another path',
      'arn:aws:iam::123456789012:user/grace',
      ['arn:aws:iam::123456789012:user/x/grace'],
      false,
    ],
    ['a session that calls itself like an approver', 'arn:aws:iam::123456789012:role/ada', [GRACE], false],
  ])('is %s: %s', (_, by, approvers, may) => {
    expect(judgeApprover(by, approvers).may).toBe(may);
  });
});
