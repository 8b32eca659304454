/** What a look came to: a value, the word that there is none, or the reason why nobody may know. */

export type Fact<T> =
  | { readonly is: 'known'; readonly value: T }
  /** AWS says that it is not there, or not to be used: the message says what. */
  | { readonly is: 'missing'; readonly why: string }
  | { readonly is: 'unknown'; readonly why: string };

export const known = <T>(value: T): Fact<T> => ({ is: 'known', value });
export const missing = <T>(why: string): Fact<T> => ({ is: 'missing', why });
export const unknown = <T>(why: string): Fact<T> => ({ is: 'unknown', why });

/** The value, if it is known. */
export const valueIn = <T>(fact: Fact<T> | undefined): T | undefined =>
  fact?.is === 'known' ? fact.value : undefined;

/** A fact about a value that is known; whatever else a fact is, it stays. */
export async function whenKnown<T, U>(fact: Fact<T>, look: (value: T) => Promise<Fact<U>>): Promise<Fact<U>> {
  return fact.is === 'known' ? look(fact.value) : fact;
}

const DENIED = /^(AccessDenied(Exception)?|UnauthorizedOperation|UnrecognizedClientException)$/;

/**
 * Asks, and takes "you may not" and "this place cannot tell" for what they are. Refusals of the ports and AWS's own
 * not-found errors say that it is not there; anything else is thrown.
 * @param isMissing whether an error says so
 */
export async function look<T>(
  ask: () => Promise<T | undefined>,
  { absent, isMissing = () => false }: { absent?: string; isMissing?: (error: Error) => boolean } = {},
): Promise<Fact<T>> {
  try {
    const value = await ask();
    return value === undefined ? missing(absent ?? 'it does not exist') : known(value);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (isMissing(error)) return missing(error.message);
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (DENIED.test(error.name) || status === 403)
      return unknown(`these credentials may not look: ${error.message}`);
    if (error.name === 'NotImplemented' || status === 501) return unknown(error.message);
    throw error;
  }
}
