import { countingLog, type LogsOfDay } from './log-days.ts';

/**
 * Under what a record is counted. `stream`: as its object came. A record that other flow logs (`rivals`) should tell of too
 * is counted twice: `streamUnless` as if it counted, `streamIf` as the duplicate it is if one of the others counts that day.
 * Which one does is known only once all files of the day have come, so {@link isCounted} decides when the sums are read:
 * what a file adds never depends on what came before. `night`: all that a nightly run says of a day, in place of what was
 * streamed.
 */
export type Source =
  | { readonly kind: 'stream' }
  | { readonly kind: 'streamIf' | 'streamUnless'; readonly flowLogId: string; readonly rivals: readonly string[] }
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
      return `stream if ${source.flowLogId} ${source.rivals.join(' ')}`;
    case 'streamUnless':
      return `stream unless ${source.flowLogId} ${source.rivals.join(' ')}`;
    case 'night':
      return `${NIGHTS_BEGIN}${source.run}`;
  }
}

/** @throws Error for a text that is not a source's */
export function sourceFromText(text: string): Source {
  if (text === 'stream') return STREAM;
  if (text.startsWith(NIGHTS_BEGIN)) return { kind: 'night', run: text.slice(NIGHTS_BEGIN.length) };
  const [stream, condition, flowLogId, ...rivals] = text.split(' ');
  if (stream === 'stream' && flowLogId !== undefined && rivals.length > 0) {
    if (condition === 'if') return { kind: 'streamIf', flowLogId, rivals };
    if (condition === 'unless') return { kind: 'streamUnless', flowLogId, rivals };
  }
  throw new Error(`${JSON.stringify(text)}: not a source of counters that this program knows`);
}

/**
 * Whether what was counted under the source counts in the end.
 *
 * @param logs what was read of each flow log on the day that was counted
 */
export function isCounted(source: Source, logs: LogsOfDay): boolean {
  switch (source.kind) {
    case 'stream':
    case 'night':
      return true;
    case 'streamIf':
      return isOutdone(source, logs);
    case 'streamUnless':
      return !isOutdone(source, logs);
  }
}

function isOutdone({ flowLogId, rivals }: Extract<Source, { rivals: unknown }>, logs: LogsOfDay): boolean {
  const counting = countingLog([flowLogId, ...rivals], logs);
  return counting !== undefined && counting !== flowLogId;
}
