/** What is answered through the function URL: a refusal is an answer, a failure is left to Lambda. */
import { Refusal } from '../common/errors.ts';

export interface UrlAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const STATUS: Readonly<Record<string, number>> = {
  BadInput: 400,
  CallerNotKnown: 403,
  UnknownService: 404,
  UnknownDeployment: 404,
  SignalRefused: 409,
};

export function answer(
  statusCode: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): UrlAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** `{"errorType", "errorMessage"}`, as an invocation that fails. @throws what is no refusal */
export function answerRefusal(error: unknown): UrlAnswer {
  if (!(error instanceof Refusal)) throw error;
  return answer(STATUS[error.name] ?? 409, { errorType: error.name, errorMessage: error.message });
}
