import type { Tools } from '../../shared/aws/observed.ts';
import { SKIP_REASONS, type BatchFigures, type EventOutcome, type SkipReason } from './batch-figures.ts';

const OF_ENDING: Readonly<Record<Exclude<EventOutcome['kind'], 'skipped'>, string>> = {
  counted: 'ObjectsCounted',
  duplicate: 'DuplicateEvents',
  left: 'ObjectsLeft',
  failed: 'ObjectsFailed',
};

const OF_SKIPPED: Readonly<Record<SkipReason, string>> = {
  testEvent: 'SkippedTestEvents',
  otherEvent: 'SkippedOtherEvents',
  notAFlowLog: 'SkippedNoFlowLogs',
  otherLog: 'SkippedOtherLogs',
  otherAccount: 'SkippedOtherAccounts',
  otherRegion: 'SkippedOtherRegions',
  tooOld: 'SkippedTooOld',
  gone: 'SkippedGone',
  overwritten: 'SkippedOverwritten',
};

/** Publishes the figures of a batch as metrics, and names what was left to the night in the log. */
export function reportFigures(figures: BatchFigures, { logger, metrics }: Tools): void {
  const count = (name: string, value: number) => metrics.addMetric(name, 'Count', value);
  for (const [kind, name] of Object.entries(OF_ENDING)) count(name, figures.endings[kind as keyof typeof OF_ENDING]);
  // Each name of a metric has its price, and some deployments never have most of these.
  for (const reason of SKIP_REASONS)
    if (figures.skipped[reason] > 0) count(OF_SKIPPED[reason], figures.skipped[reason]);
  count('UnreadableMessages', figures.unreadable);
  count('Records', figures.records);
  count('UnknownInterfaceRecords', figures.unknownInterfaceRecords);
  count('Conflicts', figures.conflicts);
  metrics.addMetric('Bytes', 'Bytes', figures.bytes);
  if (figures.secondsBehind !== undefined) metrics.addMetric('SecondsBehind', 'Seconds', figures.secondsBehind);
  for (const { name, reason } of figures.leftToTheNight) logger.warn('left to the night', { object: name, reason });
}
