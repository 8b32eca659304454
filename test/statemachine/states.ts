/** The states of a deployment in their order, for tests that try something in each. */

/** Where stepping back is still possible. */
export const BEFORE_THE_POINT = [
  'RegisterRevision',
  'AttachGreen',
  'StartGreen',
  'WaitForSteadyState',
  'VerifyTargets',
  'ModifyListener',
  'Bake',
  'JudgeBake',
] as const;

/** Every Task of a deployment that succeeds. */
export const STRAIGHT = [
  'ResolveDeployment',
  'AcquireLock',
  ...BEFORE_THE_POINT,
  'DrainBlue',
  'ReleaseLock',
] as const;

/** Those of a rollback. */
export const BACK = ['RestoreListener', 'StopGreen'] as const;
