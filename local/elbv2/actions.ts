/** Actions of rules and listeners: checked and normalised on their way in, and shown without secrets. */
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';
import type { ListenerProtocol } from './records.ts';

type Action = Elbv2Api.Action;
type Forward = Elbv2Api.ForwardActionConfig;

const WEIGHT_MAX = 999;
const TARGET_GROUPS_MAX = 5;
const STICKINESS_SECONDS_MAX = 604_800;
const ENDS = ['forward', 'redirect', 'fixed-response'];
const AUTHENTICATES = ['authenticate-oidc', 'authenticate-cognito', 'jwt-validation'];

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
const invalidAction = (message: string): AwsError =>
  new AwsError('InvalidLoadBalancerActionException', message);

/** What decides about actions besides themselves. */
export interface ActionContext {
  protocol: ListenerProtocol;
  /** The actions that these replace; absent on creation. */
  former?: readonly Action[];
}

/**
 * Checks a rule's whole list of actions and gives it as it is kept: in order, forwards with their ForwardConfig.
 * Everything else stays exactly as given.
 * @throws AwsError ValidationError, InvalidLoadBalancerActionException, TooManyActionsException, NotImplemented
 */
export function normaliseActions(given: readonly Action[] = [], context: ActionContext): Action[] {
  const actions = inOrder(given);
  if (context.protocol === 'TCP') checkNetworkActions(actions);
  checkSequence(actions, context);
  return actions.map((action) => normaliseAction(action, context));
}

function inOrder(given: readonly Action[]): Action[] {
  if (given.length === 0) throw invalid('A rule needs at least one action');
  if (given.length === 1) return [...given];
  const orders = given.map(({ Order }) => Order);
  if (orders.some((order) => order === undefined))
    throw invalidAction('With several actions each needs an Order');
  if (new Set(orders).size < orders.length)
    throw invalidAction(`The Order of each action must be its own: ${orders.join(', ')}`);
  return [...given].sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0));
}

function checkSequence(actions: readonly Action[], { protocol }: ActionContext): void {
  const ends = actions.filter(({ Type }) => ENDS.includes(Type ?? ''));
  const authenticates = actions.filter(({ Type }) => AUTHENTICATES.includes(Type ?? ''));
  const unknown = actions.find((action) => !ends.includes(action) && !authenticates.includes(action));
  if (unknown)
    throw invalid(`The action type '${unknown.Type}' is none of ${[...AUTHENTICATES, ...ENDS].join(', ')}`);
  if (ends.length !== 1)
    throw invalidAction(`Exactly one of ${ENDS.join(', ')} is needed; found ${ends.length}`);
  if (actions.at(-1) !== ends[0]) throw invalidAction(`The ${ends[0]?.Type} action must be the last one`);
  if (authenticates.length > 1)
    throw new AwsError('TooManyActionsException', 'A rule can have one authenticate action');
  if (authenticates.length > 0 && protocol !== 'HTTPS') {
    throw invalidAction(
      `Actions of type '${authenticates[0]?.Type}' need an HTTPS listener; this one is ${protocol}`,
    );
  }
}

/** Connections can only be forwarded: nothing else is known of them. */
function checkNetworkActions(actions: readonly Action[]): void {
  const other = actions.find(({ Type }) => Type !== 'forward');
  if (other)
    throw invalidAction(`The action type '${other.Type}' is not for TCP listeners; they only forward`);
  if (actions.some(({ ForwardConfig }) => ForwardConfig?.TargetGroupStickinessConfig?.Enabled))
    throw notImplemented('TargetGroupStickinessConfig on TCP listeners');
}

function normaliseAction(action: Action, context: ActionContext): Action {
  switch (action.Type) {
    case 'forward':
      return normaliseForward(action);
    case 'authenticate-oidc':
      return keepSecret(action, context);
    case 'redirect':
      requireConfig(action, action.RedirectConfig, 'RedirectConfig');
      return action;
    case 'fixed-response':
      requireConfig(action, action.FixedResponseConfig, 'FixedResponseConfig');
      return action;
    case 'authenticate-cognito':
      requireConfig(action, action.AuthenticateCognitoConfig, 'AuthenticateCognitoConfig');
      return action;
    default:
      requireConfig(action, action.JwtValidationConfig, 'JwtValidationConfig');
      return action;
  }
}

function requireConfig(action: Action, config: object | undefined, member: string): void {
  if (!config) throw invalid(`An action of type '${action.Type}' needs ${member}`);
}

/** AWS keeps and shows every forward as a ForwardConfig; with one group it shows TargetGroupArn beside it. */
function normaliseForward({ TargetGroupArn, ForwardConfig, ...rest }: Action): Action {
  const groups = ForwardConfig?.TargetGroups ?? (TargetGroupArn ? [{ TargetGroupArn }] : []);
  if (TargetGroupArn && (groups.length !== 1 || groups[0]?.TargetGroupArn !== TargetGroupArn)) {
    throw invalid('TargetGroupArn beside ForwardConfig must be the only target group of both');
  }
  const forward: Forward = {
    TargetGroups: groups.map((group) => ({ ...group, Weight: group.Weight ?? 1 })),
    TargetGroupStickinessConfig: ForwardConfig?.TargetGroupStickinessConfig ?? { Enabled: false },
  };
  checkForward(forward);
  const [first] = groups;
  return {
    ...rest,
    ...(groups.length === 1 && { TargetGroupArn: first?.TargetGroupArn }),
    ForwardConfig: forward,
  };
}

function checkForward({ TargetGroups = [], TargetGroupStickinessConfig: stickiness }: Forward): void {
  const arns = TargetGroups.map(({ TargetGroupArn }) => TargetGroupArn);
  if (arns.length < 1 || arns.length > TARGET_GROUPS_MAX) {
    throw invalid(`A forward action has ${arns.length} target groups; allowed are 1 to ${TARGET_GROUPS_MAX}`);
  }
  if (new Set(arns).size < arns.length) throw invalid('A forward action names a target group twice');
  for (const { TargetGroupArn, Weight = 1 } of TargetGroups) {
    if (!Number.isInteger(Weight) || Weight < 0 || Weight > WEIGHT_MAX) {
      throw invalid(`The weight of ${TargetGroupArn} is ${Weight}; allowed are 0 to ${WEIGHT_MAX}`);
    }
  }
  const seconds = stickiness?.DurationSeconds ?? 0;
  if (stickiness?.Enabled && !(seconds >= 1 && seconds <= STICKINESS_SECONDS_MAX)) {
    throw invalid(
      `Stickiness needs DurationSeconds from 1 to ${STICKINESS_SECONDS_MAX}; found ${stickiness.DurationSeconds}`,
    );
  }
}

/** The secret comes with the action, or, on a modify that says so, from the action that it replaces. */
function keepSecret(action: Action, { former }: ActionContext): Action {
  const config = action.AuthenticateOidcConfig;
  requireConfig(action, config, 'AuthenticateOidcConfig');
  const { UseExistingClientSecret, ...oidc } = config as Elbv2Api.AuthenticateOidcActionConfig;
  const existing = former?.find(({ Type }) => Type === 'authenticate-oidc')?.AuthenticateOidcConfig
    ?.ClientSecret;
  const ClientSecret = oidc.ClientSecret ?? (UseExistingClientSecret ? existing : undefined);
  if (!ClientSecret) {
    throw invalidAction(
      'AuthenticateOidcConfig needs ClientSecret, or UseExistingClientSecret where there is one already',
    );
  }
  return { ...action, AuthenticateOidcConfig: { ...oidc, ClientSecret } };
}

/** Actions as Describe gives them: no secret, and not the flag either. */
export function showActions(actions: readonly Action[]): Action[] {
  return actions.map((action) => {
    if (!action.AuthenticateOidcConfig) return structuredClone(action);
    const { ClientSecret: _secret, ...shown } = action.AuthenticateOidcConfig;
    return structuredClone({ ...action, AuthenticateOidcConfig: shown });
  });
}

/** The target groups that actions forward to, whatever their weight: a group at weight 0 is in use. */
export function targetGroupsOf(actions: readonly Action[]): string[] {
  return actions.flatMap(({ ForwardConfig }) =>
    (ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn }) => TargetGroupArn ?? ''),
  );
}
