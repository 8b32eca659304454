/** The words of the events, and how they travel. */

export const EVENT_SOURCE = 'sidestep';
export const DEPLOYMENT_DETAIL_TYPE = 'Sidestep Deployment State Change';
export const SERVICE_DETAIL_TYPE = 'Sidestep Service State Change';

/** Beside these, each outcome is one: a deployment's last. */
export const TRANSITIONS = [
  /** Its record is there: what is to be deployed is known. */
  'REQUESTED',
  /** It has the waiting place. */
  'QUEUED',
  /** It has its turn, and begins. */
  'STARTED',
  'STAGE_STARTED',
  'STAGE_COMPLETED',
  'WEIGHTS_CHANGED',
  'WAITING_FOR_APPROVAL',
  'PAUSED',
  'SIGNAL_RECEIVED',
  /** Green has all the traffic and the bakes are over; blue may stand by. */
  'SUCCEEDED',
  /** Blue begins to drain. */
  'POINT_OF_NO_RETURN',
  'ROLLBACK_STARTED',
  /** Another execution goes on with it, because the one before died. */
  'RECOVERY_STARTED',
] as const;
export type Transition = (typeof TRANSITIONS)[number];

export const SERVICE_TRANSITIONS = [
  'FROZEN',
  'UNFROZEN',
  'SUSPENDED',
  'RESUMED',
  /** A person goes back to a version that was good. */
  'ROLLBACK_REQUESTED',
] as const;
export type ServiceTransition = (typeof SERVICE_TRANSITIONS)[number];
