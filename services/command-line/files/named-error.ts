/** The error with the name of the file or place it is about in its message, on which some causes are silent. */
export function namedError(name: string, error: unknown): Error {
  const cause = causeOf(error);
  return new Error(cause.includes(name) ? cause : `${name}: ${cause}`, { cause: error });
}

/** A refused connection to a host of several addresses, for one, has a code and no message. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
