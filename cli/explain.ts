/** What went wrong in a call of AWS, as a sentence that says what to do: the one place where a command's errors are put into words. */
import { Refusal } from '../lambdas/common/errors.ts';
import { CannotDo, Interrupted, UsageError } from './failures.ts';

/** The parts of an SDK failure, or of a broken connection, that tell what it is. */
interface Told {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}

interface Explanation {
  readonly fits: (error: Told) => boolean;
  readonly says: (error: Told) => string;
}

const EXPIRED = /expired/i;
const CONNECTION = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;

/** The first that fits is told. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    fits: ({ name, message }) =>
      /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/.test(name) ||
      (/^(CredentialsProviderError|TokenProviderError)$/.test(name) && EXPIRED.test(message)),
    says: ({ message }) =>
      `the AWS credentials have expired (${message}); get new ones, for example with \`aws sso login\`, and try again`,
  },
  {
    fits: ({ name }) => /^(CredentialsProviderError|TokenProviderError)$/.test(name),
    says: ({ message }) =>
      `there are no AWS credentials (${message}); sign in with \`aws sso login\`, set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
  },
  {
    fits: ({ name, message }) =>
      /^(SignatureDoesNotMatch|InvalidSignatureException)$/.test(name) && EXPIRED.test(message),
    says: ({ message }) => `AWS finds this machine's clock wrong (${message}); set it, and try again`,
  },
  {
    fits: ({ name }) =>
      /^(InvalidClientTokenId|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch|IncompleteSignature|AuthFailure|InvalidAccessKeyId)$/.test(
        name,
      ),
    says: ({ name, message }) =>
      `AWS does not know these credentials (${name}: ${message}); see \`aws sts get-caller-identity\` and \`aws configure list\``,
  },
  {
    fits: ({ name, message }) =>
      /^(AccessDenied|AccessDeniedException|AccessDeniedForDependencyException|UnauthorizedOperation|UnauthorizedException|AuthorizationError|AuthorizationErrorException|NotAuthorized)$/.test(
        name,
      ) || /is not authorized to perform/.test(message),
    says: ({ message }) => deniedText(message),
  },
  {
    fits: ({ message }) => /Region is missing/.test(message),
    says: () => 'there is no Region; set AWS_REGION, or a region in your AWS profile',
  },
  {
    fits: ({ code = '' }) => /^(ENOTFOUND|EAI_AGAIN)$/.test(code),
    says: ({ hostname = 'the endpoint' }) =>
      `there is no host ${hostname}; check the Region (AWS_REGION, or your AWS profile's) and this machine's network`,
  },
  {
    fits: ({ name, code = '' }) => CONNECTION.test(code) || name === 'TimeoutError',
    says: (error) => unreachableText(error),
  },
  {
    fits: ({ name }) =>
      /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|ProvisionedThroughputExceededException|AwsNotAnswering)$/.test(
        name,
      ),
    says: ({ message }) => `AWS takes no more calls for the moment (${message}); try again in a minute`,
  },
];

/**
 * @returns a {@link CannotDo} with a sentence for every failure that is known, and the thing itself for others, and for
 * what has its sentence already
 */
export function explained(error: unknown): unknown {
  const isTold = error instanceof CannotDo || error instanceof UsageError || error instanceof Interrupted;
  if (!(error instanceof Error) || isTold) return error;
  if (error instanceof Refusal) return new CannotDo(error.message, { cause: error });
  const told = error as Told;
  const found = EXPLANATIONS.find(({ fits }) => fits(told));
  return found ? new CannotDo(found.says(told), { cause: error }) : error;
}

/** `User: arn:… is not authorized to perform: ecs:DescribeServices on resource: arn:… because …` */
const DENIED =
  /^(?:User: )?(?<who>arn:\S+) is not authorized to perform: (?<action>[\w-]+:\w+)(?: on resource: (?<what>\S+))?(?<why>.*)$/s;

function deniedText(message: string): string {
  const { who, action, what, why = '' } = DENIED.exec(message)?.groups ?? {};
  if (!action) return `access denied: ${message}; ask for the permission, or use another role`;
  const where = what ? ` on ${what}` : '';
  return `access denied: ${who} may not ${action}${where}${why.trimEnd()}; allow ${action}, or use another role`;
}

function unreachableText({ message, address, port }: Told): string {
  if (address === undefined) return `no answer (${message}); check this machine's network, and try again`;
  const endpoint = `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const isHere = address === '127.0.0.1' || address === '::1';
  return isHere
    ? `nothing answers at ${endpoint}; is \`sidestep local\` still running?`
    : `nothing answers at ${endpoint} (${message}); check this machine's network, and try again`;
}
