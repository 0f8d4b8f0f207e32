/**
 * Under what a record is counted. `stream`: as its object came. A record that other flow logs may tell of too is counted
 * twice: `streamUnless` as if they did not, `streamIf` as the duplicate it is if they do. Whether they do is known only
 * once a file of one of them has come, before or after, so {@link isCounted} decides when the sums are read: what a file
 * adds never depends on what came before. `night`: all that a nightly run says of a day, in place of what was streamed.
 */
export type Source =
  | { readonly kind: 'stream' }
  | { readonly kind: 'streamIf' | 'streamUnless'; readonly flowLogIds: readonly string[] }
  | { readonly kind: 'night'; readonly run: string };

export const STREAM: Source = { kind: 'stream' };

/** What the texts of nights begin with, and no others. */
export const NIGHTS_BEGIN = 'night ';

/** The source as stores write it; {@link sourceFromText} reads it back. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'stream':
      return 'stream';
    case 'streamIf':
      return `stream if ${source.flowLogIds.join(' ')}`;
    case 'streamUnless':
      return `stream unless ${source.flowLogIds.join(' ')}`;
    case 'night':
      return `${NIGHTS_BEGIN}${source.run}`;
  }
}

/** @throws Error for a text that is not a source's */
export function sourceFromText(text: string): Source {
  if (text === 'stream') return STREAM;
  if (text.startsWith(NIGHTS_BEGIN)) return { kind: 'night', run: text.slice(NIGHTS_BEGIN.length) };
  const [stream, condition, ...flowLogIds] = text.split(' ');
  if (stream === 'stream' && flowLogIds.length > 0) {
    if (condition === 'if') return { kind: 'streamIf', flowLogIds };
    if (condition === 'unless') return { kind: 'streamUnless', flowLogIds };
  }
  throw new Error(`${JSON.stringify(text)}: not a source of counters that this program knows`);
}

/**
 * Whether what was counted under the source counts in the end.
 *
 * @param delivered flow logs of which files have come
 */
export function isCounted(source: Source, delivered: ReadonlySet<string>): boolean {
  switch (source.kind) {
    case 'stream':
    case 'night':
      return true;
    case 'streamIf':
      return source.flowLogIds.some((id) => delivered.has(id));
    case 'streamUnless':
      return !source.flowLogIds.some((id) => delivered.has(id));
  }
}
