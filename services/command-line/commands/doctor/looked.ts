/** What was asked for: found, or why nobody could look. A denied call is told, and never taken for "none". */
export type Looked<T> = { readonly found: T } | { readonly missing: string };

/** Names that AWS's services give to the errors of a caller without the right. */
const DENIED = /^(?:AccessDenied|UnauthorizedOperation|Unauthorized|NotAuthorized|AuthorizationError|Forbidden)/;
/** And of a queue, a state machine or a bucket that is not there. */
const ABSENT = /NonExistentQueue|DoesNotExist|NoSuch/;

/**
 * Asks AWS.
 *
 * @param right which the caller needs, such as `sqs:GetQueueUrl`
 * @throws what is neither a denial nor a sign of something that is not there: no credentials, no network
 */
export async function look<T>(right: string, ask: () => Promise<T>): Promise<Looked<T>> {
  try {
    return { found: await ask() };
  } catch (error) {
    const names = namesOf(error);
    if (names.some((name) => DENIED.test(name))) return { missing: `the right ${right} is missing` };
    if (names.some((name) => ABSENT.test(name))) return { missing: `${right}: ${(error as Error).message}` };
    throw error;
  }
}

/** Of the error, and of what caused it: some are told with the place that they are about. */
function namesOf(error: unknown): string[] {
  const { name, cause } = error as Error;
  return [name, ...(cause === undefined ? [] : namesOf(cause))];
}

/** Undefined where nobody could look. */
export function foundOf<T>(looked: Looked<T>): T | undefined {
  return 'found' in looked ? looked.found : undefined;
}
