/** Every error that a step throws on purpose: its name is what the state machine's Retry and Catch read. */

/** `name` is a literal, because minified bundles lose class names and ASL matches by name. */
abstract class NamedError extends Error {
  abstract override readonly name: string;
}

/** Refusals: nothing was changed, and nothing will be. */
export abstract class Refusal extends NamedError {}

export class BadInput extends Refusal {
  readonly name = 'BadInput';
}
export class UnknownService extends Refusal {
  readonly name = 'UnknownService';
}
export class UnknownDeployment extends Refusal {
  readonly name = 'UnknownDeployment';
}
export class ImageNotFound extends Refusal {
  readonly name = 'ImageNotFound';
}
export class ImageNotForThisService extends Refusal {
  readonly name = 'ImageNotForThisService';
}
/** A push that the service's own rules keep out: there is nothing to deploy. */
export class PushNotQualified extends Refusal {
  readonly name = 'PushNotQualified';
}
/** Findings, a signature or their absence speak against the image. */
export class ImageNotVerified extends Refusal {
  readonly name = 'ImageNotVerified';
}
export class EcsServiceNotFound extends Refusal {
  readonly name = 'EcsServiceNotFound';
}
export class LiveWeightsUnexpected extends Refusal {
  readonly name = 'LiveWeightsUnexpected';
}
export class ListenerNotFound extends Refusal {
  readonly name = 'ListenerNotFound';
}
export class TaskDefinitionNotFound extends Refusal {
  readonly name = 'TaskDefinitionNotFound';
}
export class ContainerNotFound extends Refusal {
  readonly name = 'ContainerNotFound';
}
export class RoleNotListed extends Refusal {
  readonly name = 'RoleNotListed';
}
export class AlarmAlreadyFiring extends Refusal {
  readonly name = 'AlarmAlreadyFiring';
}
export class SideMisconfigured extends Refusal {
  readonly name = 'SideMisconfigured';
}
export class OtherRulesForward extends Refusal {
  readonly name = 'OtherRulesForward';
}
export class TestRuleNotReachable extends Refusal {
  readonly name = 'TestRuleNotReachable';
}
export class AlarmNotFound extends Refusal {
  readonly name = 'AlarmNotFound';
}
/** A listener's default rule cannot be written like the others, and takes what no other rule does. */
export class RuleIsDefault extends Refusal {
  readonly name = 'RuleIsDefault';
}
/** The place that a new version would go to is a fleet, which takes no image. */
export class GreenIsFleet extends Refusal {
  readonly name = 'GreenIsFleet';
}
export class DeadlineTooEarly extends Refusal {
  readonly name = 'DeadlineTooEarly';
}

/** A service that has to come first was not deployed well. */
export class PredecessorFailed extends Refusal {
  readonly name = 'PredecessorFailed';
}
/** Another is being deployed, and the service is configured to refuse whoever comes meanwhile. */
export class DeploymentUnderWay extends Refusal {
  readonly name = 'DeploymentUnderWay';
}

/** Not now: a person is refused, a push waits. */
export abstract class NotNow extends Refusal {
  /** When it could be begun, if nobody changes anything. */
  readonly opensAtMs: number;
  /** In words, for whoever looks at what waits. */
  readonly waitsFor: string;

  constructor(message: string, { opensAtMs, waitsFor }: { opensAtMs: number; waitsFor: string }) {
    super(message);
    this.opensAtMs = opensAtMs;
    this.waitsFor = waitsFor;
  }
}
export class OutsideWindow extends NotNow {
  readonly name = 'OutsideWindow';
}
export class DeploymentFrozen extends NotNow {
  readonly name = 'DeploymentFrozen';
}

/** A rollback for which the history has no version that was good before. */
export class NothingToGoBackTo extends Refusal {
  readonly name = 'NothingToGoBackTo';
}

/** A word without an identity that AWS vouches for. */
export class CallerNotKnown extends Refusal {
  readonly name = 'CallerNotKnown';
}
export class SignalRefused extends Refusal {
  readonly name = 'SignalRefused';
}

/** Drift: somebody else wrote to the listener. Nothing is touched; a person decides. */
export class ListenerChangedByOthers extends NamedError {
  readonly name = 'ListenerChangedByOthers';
}

/** Not yet: AWS sends no event for these, so their own state retries them. */
export class TargetsNotHealthyYet extends NamedError {
  readonly name = 'TargetsNotHealthyYet';
}
export class CheckNotPassedYet extends NamedError {
  readonly name = 'CheckNotPassedYet';
}
export class ShiftNotSettledYet extends NamedError {
  readonly name = 'ShiftNotSettledYet';
}

/** Faults: green is not good, or cannot be judged: the deployment rolls back. */
export class SteadyStateTimedOut extends NamedError {
  readonly name = 'SteadyStateTimedOut';
}
export class TasksKeepFailing extends NamedError {
  readonly name = 'TasksKeepFailing';
}
/** Somebody gave a service that had been stopped its count back, before the new version could start (recreate). */
export class BlueStartedAgain extends NamedError {
  readonly name = 'BlueStartedAgain';
}
export class EcsDeploymentReplaced extends NamedError {
  readonly name = 'EcsDeploymentReplaced';
}
export class EcsDeploymentFailed extends NamedError {
  readonly name = 'EcsDeploymentFailed';
}
export class ServiceDeploymentFailed extends NamedError {
  readonly name = 'ServiceDeploymentFailed';
}
/** ECS has begun another service deployment in the place of ours: what becomes of the service is the other one's. */
export class ServiceDeploymentSuperseded extends NamedError {
  readonly name = 'ServiceDeploymentSuperseded';
}
export class TargetsNotHealthy extends NamedError {
  readonly name = 'TargetsNotHealthy';
}
export class CheckFailed extends NamedError {
  readonly name = 'CheckFailed';
}
export class AlarmFired extends NamedError {
  readonly name = 'AlarmFired';
}

export class ComparisonFailed extends NamedError {
  readonly name = 'ComparisonFailed';
}
/** Some of a service's rules could be written and others not: those that were have been put back. */
export class RulesNotSwapped extends NamedError {
  readonly name = 'RulesNotSwapped';
}
export class MigrationFailed extends NamedError {
  readonly name = 'MigrationFailed';
}
/** One of an earlier deployment: nothing is wrong with the image, and two at once could ruin the data. */
export class MigrationStillRuns extends NamedError {
  readonly name = 'MigrationStillRuns';
}
export class DeadlinePassed extends NamedError {
  readonly name = 'DeadlinePassed';
}

/** A person's word, or their silence, against the deployment. */
export class DeploymentAborted extends NamedError {
  readonly name = 'DeploymentAborted';
}
/** A newer one took its place before it had moved any traffic. */
export class DeploymentSuperseded extends NamedError {
  readonly name = 'DeploymentSuperseded';
}
/** Services of the group did not come in time. */
export class GroupTimedOut extends NamedError {
  readonly name = 'GroupTimedOut';
}
/** Another service of the group stepped back: all do. */
export class GroupSteppedBack extends NamedError {
  readonly name = 'GroupSteppedBack';
}
export class ApprovalRejected extends NamedError {
  readonly name = 'ApprovalRejected';
}
export class ApprovalExpired extends NamedError {
  readonly name = 'ApprovalExpired';
}
/** While blue stands by: the machine catches it past the point where green serves. */
export class RollbackRequested extends NamedError {
  readonly name = 'RollbackRequested';
}

/** A rollback that would take the traffic from the only side that can serve. */
export class NothingToRollBackTo extends NamedError {
  readonly name = 'NothingToRollBackTo';
}

/** This execution no longer holds the service's lock: whatever it meant to do is another's to do. */
export class LockLost extends NamedError {
  readonly name = 'LockLost';
}

/** A handler was called without what its caller always gives: the machine or the code is wrong, not the request. */
export class StepMiscalled extends NamedError {
  readonly name = 'StepMiscalled';
}

/** An ending that promises more than is true; the execution fails, and the recovery finds the lock. */
export class DeploymentUnfinished extends NamedError {
  readonly name = 'DeploymentUnfinished';
}

/** AWS throttled or did not answer, after the SDK's own retries: the state tries again later. */
export class AwsNotAnswering extends NamedError {
  readonly name = 'AwsNotAnswering';
}
