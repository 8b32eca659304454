/** Who a caller is, by the ARN that AWS gives: the role or user, and apart from it what the caller calls the session. */

export interface Identity {
  /** ARN of a role (without its path, which AWS does not tell here) or of a user. */
  readonly by: string;
  readonly session?: string;
}

/** `arn:aws:sts::123456789012:assumed-role/NAME/SESSION` is a session of the role NAME; any other ARN stands for itself. */
export function identityOf(userArn: string): Identity {
  const [, partition, account, role, session] =
    /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/(.+)$/.exec(userArn) ?? [];
  if (role === undefined) return { by: userArn };
  return { by: `arn:${partition}:iam::${account}:role/${role}`, session };
}

/** A role's name is unique in its account, whatever its path is. */
const withoutPath = (arn: string): string => arn.replace(/:role\/(?:[^/]+\/)+/, ':role/');

export type ApproverVerdict = { readonly may: true } | { readonly may: false; readonly reason: string };

/** @param approvers as configured; none means that whoever can speak at all may answer */
export function judgeApprover(by: string, approvers: readonly string[] = []): ApproverVerdict {
  if (approvers.length === 0 || approvers.map(withoutPath).includes(by)) return { may: true };
  return { may: false, reason: `${by} is no approver; approvers are ${approvers.join(', ')}` };
}
