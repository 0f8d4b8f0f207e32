/** One answer of a paged EC2 call. */
interface Page {
  readonly NextToken?: string | undefined;
}

/**
 * All items of all pages. A page without its list is an empty one: EC2 may leave an empty list out.
 *
 * A token that comes a second time would give the same page for ever; to stop there would pass half an account for
 * the whole, so it is an error.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination
 *
 * @param call name of the API call, for the error
 * @param onPage hears how many items there are so far
 * @throws Error that begins with the call's name and has the first error as its cause
 */
export async function everyItem<P extends Page, T>(
  call: string,
  pages: AsyncIterable<P>,
  itemsOf: (page: P) => readonly T[] | undefined,
  onPage?: (call: string, items: number) => void,
): Promise<T[]> {
  const items: T[] = [];
  const tokens = new Set<string>();
  try {
    for await (const page of pages) {
      for (const item of itemsOf(page) ?? []) items.push(item);
      onPage?.(call, items.length);
      if (!page.NextToken) continue;
      if (tokens.has(page.NextToken)) throw new Error('AWS gave the same NextToken twice');
      tokens.add(page.NextToken);
    }
  } catch (error) {
    throw new Error(`${call} failed: ${causeOf(error)}`, { cause: error });
  }
  return items;
}

/** The error in one line. EC2 appends to a refusal a message for `decode-authorization-message`, of 1,000 letters. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.replace(/\s*Encoded authorization failure message:.*/s, '').replace(/\s+/g, ' ');
  return error.name === 'Error' ? message : `${error.name}: ${message}`;
}
