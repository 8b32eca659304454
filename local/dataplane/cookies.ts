/** The stickiness cookies of a load balancer: AWSALBTG for a rule's choice of group, AWSALB for a group's choice of target. */

/** A choice that a cookie carries: the thing chosen, and until when (cloud time, ms) the choice binds. */
interface Choice {
  chosen: string;
  untilMs: number;
}

const GROUP_COOKIES = ['AWSALBTG', 'AWSALBTGCORS'];
const TARGET_COOKIES = ['AWSALB', 'AWSALBCORS'];

/**
 * The target group that a request's cookie binds it to, if the cookie is still valid.
 * Unlike the target's cookie it is not renewed by use: a client is free again when its first duration is over.
 */
export function stickyGroup(cookieHeader: string | undefined, nowMs: number): string | undefined {
  return readChoice(cookieHeader, GROUP_COOKIES, nowMs);
}

/** The target (`host:port`) that a request's cookie binds it to, if the cookie is still valid. */
export function stickyTarget(cookieHeader: string | undefined, nowMs: number): string | undefined {
  return readChoice(cookieHeader, TARGET_COOKIES, nowMs);
}

/** Set-Cookie values that bind a client to a target group. */
export function bindToGroup(targetGroupArn: string, untilMs: number): string[] {
  return writeChoice(GROUP_COOKIES, { chosen: targetGroupArn, untilMs });
}

/** Set-Cookie values that bind a client to a target. */
export function bindToTarget(target: string, untilMs: number): string[] {
  return writeChoice(TARGET_COOKIES, { chosen: target, untilMs });
}

function readChoice(header: string | undefined, names: readonly string[], nowMs: number): string | undefined {
  if (!header) return undefined;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || !names.includes(pair.slice(0, at).trim())) continue;
    const choice = decode(pair.slice(at + 1).trim());
    if (choice && choice.untilMs > nowMs) return choice.chosen;
  }
  return undefined;
}

function writeChoice([plain, cors]: readonly string[], choice: Choice): string[] {
  const value = Buffer.from(`${choice.untilMs} ${choice.chosen}`).toString('base64url');
  const tail = `Expires=${new Date(choice.untilMs).toUTCString()}; Path=/`;
  return [`${plain}=${value}; ${tail}`, `${cors}=${value}; ${tail}; SameSite=None`];
}

/** Whatever a client sends that is not one of our values counts as no cookie. */
function decode(value: string): Choice | undefined {
  const [until, chosen] = Buffer.from(value, 'base64url').toString().split(' ');
  const untilMs = Number(until);
  return chosen && Number.isFinite(untilMs) ? { chosen, untilMs } : undefined;
}
