/** Delivery to a target: tried again with growing pauses, then given to the dead-letter queue. */
import type { Platform } from '../platform.ts';
import type { Deliver } from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EventBridgeApi } from '../wire/models.ts';

const RETRIES_MAX = 185;
const AGE_MAX_SECONDS = 86_400;
const FIRST_PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 600_000;

/** What a target says that no retry would change. */
const FINAL_CODES = [
  'ResourceNotFoundException',
  'AccessDeniedException',
  'StateMachineDoesNotExist',
  'QueueDoesNotExist',
  'NotFoundException',
];

type DeliveryPlatform = Pick<Platform, 'clock' | 'random' | 'fault'>;

/** Delivers in the background; what cannot be delivered nor buried is reported as a fault. */
export function deliverToTarget(
  platform: DeliveryPlatform,
  deliver: Deliver,
  target: EventBridgeApi.Target,
  payload: unknown,
): void {
  const arn = target.Arn ?? '';
  attemptAll(platform, deliver, target, payload)
    .catch((error: unknown) => bury(deliver, target, payload, error))
    .catch((error: unknown) =>
      platform.fault(new Error(`event could not be delivered to ${arn}`, { cause: error })),
    );
}

async function attemptAll(
  platform: DeliveryPlatform,
  deliver: Deliver,
  target: EventBridgeApi.Target,
  payload: unknown,
): Promise<void> {
  const { MaximumRetryAttempts = RETRIES_MAX, MaximumEventAgeInSeconds = AGE_MAX_SECONDS } =
    target.RetryPolicy ?? {};
  const endMs = platform.clock.now() + MaximumEventAgeInSeconds * 1_000;
  for (let retry = 0; ; retry += 1) {
    try {
      return await deliver(target.Arn ?? '', payload);
    } catch (error) {
      const pause = pauseMs(platform, retry);
      const isOver = retry >= MaximumRetryAttempts || platform.clock.now() + pause > endMs;
      if (isOver || isFinal(error)) throw error;
      await platform.clock.sleep(pause);
    }
  }
}

/** Doubling from a second to ten minutes, the upper half of it drawn. */
function pauseMs({ random }: DeliveryPlatform, retry: number): number {
  const ceiling = Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * 2 ** Math.min(retry, 20));
  return Math.round(ceiling * (0.5 + random.next() / 2));
}

const isFinal = (error: unknown): boolean => error instanceof AwsError && FINAL_CODES.includes(error.code);

async function bury(
  deliver: Deliver,
  target: EventBridgeApi.Target,
  payload: unknown,
  error: unknown,
): Promise<void> {
  const deadLetterArn = target.DeadLetterConfig?.Arn;
  if (deadLetterArn === undefined) throw error;
  await deliver(deadLetterArn, payload);
}
