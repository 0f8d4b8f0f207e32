/**
 * The error with the name of the file or place it is about in its message, on which some causes are silent.
 *
 * @param hidden what the cause calls it instead: a path that means nothing to who reads the message
 */
export function namedError(name: string, error: unknown, hidden = name): Error {
  const cause = causeOf(error).replaceAll(hidden, name);
  return new Error(cause.includes(name) ? cause : `${name}: ${cause}`, { cause: error });
}

/**
 * A refused connection to a host of several addresses, for one, has a code and no message. Not by `instanceof`: under
 * Jest, errors of Node's own modules are of another realm.
 */
function causeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  if (error.message !== '') return String(error.message);
  return 'code' in error ? String(error.code) : 'name' in error ? String(error.name) : 'unknown cause';
}
