import { dayFromIso } from '../time.ts';
import { count, figure } from '../text/numbers.ts';
import type { UsageReport } from './schema.ts';

/** What of a window has records. */
export interface DaysOfRecords {
  /** UTC days with records. */
  readonly read: number;
  /** The first of them, `2026-01-12`; undefined where there is none. */
  readonly begin: string | undefined;
  /** Days before it: of the time before the logs began, no gaps in them. */
  readonly before: number;
  /** Days from it on. All days, where there is no record at all though the window is whole. */
  readonly since: number;
  /** How many of them have no records. */
  readonly missing: number;
}

export function daysOfRecords({
  days,
  window,
  growth,
}: Pick<UsageReport, 'days' | 'window' | 'growth'>): DaysOfRecords {
  const found = days.filter(({ day, records }) => records > 0 && day >= window.from && day <= window.to);
  const [first] = found;
  const between = (from: string, to: string): number => dayFromIso(to)! - dayFromIso(from)!;
  if (!first) {
    const all = growth ? 0 : between(window.from, window.to) + 1;
    return { read: 0, begin: undefined, before: 0, since: all, missing: all };
  }
  const since = between(first.day, window.to) + 1;
  return {
    read: found.length,
    begin: first.day,
    before: between(window.from, first.day),
    since,
    missing: since - found.length,
  };
}

/** What the days without records, or without a snapshot, mean, a sentence each, the gravest first; of a window that grows, its growth is told elsewhere. */
export function recordsTexts(report: Pick<UsageReport, 'days' | 'window' | 'growth'>): string[] {
  const { begin, before, since, missing } = daysOfRecords(report);
  return [
    ...(begin === undefined && report.growth
      ? [
          'No flow log record has been read yet: flow logs deliver within minutes, so if this stays, look at them first.',
        ]
      : []),
    ...(missing === 0
      ? []
      : [
          `${figure(missing)} of ${count(since, 'day')}${before === 0 ? '' : ` from ${begin!} on`} ` +
            `${missing === 1 ? 'has' : 'have'} no records: silence on ${missing === 1 ? 'it' : 'them'} is no sign of disuse.`,
        ]),
    ...(before === 0 || report.growth
      ? []
      : [
          `The records begin on ${begin!}: of the window, ${count(before, 'day')} before that ${before === 1 ? 'tells' : 'tell'} nothing.`,
        ]),
    ...outdatedTexts(report),
  ];
}

/** What days of the window mean on which nobody looked at the account, in a sentence; none where there are none. */
export function outdatedTexts({ days, window }: Pick<UsageReport, 'days' | 'window'>): string[] {
  const outdated = days
    .filter((one) => one.outdated === true && one.day >= window.from && one.day <= window.to)
    .map(({ day }) => day);
  if (outdated.length === 0) return [];
  const [first, last] = [outdated[0]!, outdated.at(-1)!];
  const when = outdated.length === 1 ? first : `${first} to ${last}`;
  const has = outdated.length === 1 ? 'has' : 'have';
  return [
    `${count(outdated.length, 'day')} (${when}) ${has} no snapshot of the inventory, on the day or in the six hours before: what ` +
      'stood then is not known, and silence is no sign of disuse.',
  ];
}
