import { plainText, shorten } from '../../text/plain.ts';
import type { Digest } from './digest.ts';
import { grownText } from '../growth-text.ts';
import { coverageText } from './words.ts';
import { count, figure } from '../../text/numbers.ts';
import type { AccountRegion } from '../../inventory/snapshot-file.ts';

/**
 * What matters, in one line: `stale-sg 111122223333 eu-west-1: 37 rules to remove, 4 went quiet, coverage 98.7 %`. A
 * report that lacks something says so here, and so does one of a window that grows: before the first verdicts
 * `… 3 of 90 days, first verdicts on 2026-01-15, 2 findings, coverage 98.7 %`.
 */
export function subjectOf(
  {
    toRemove,
    unused,
    findings,
    wentQuiet,
    tooWide,
    back,
    incompleteDays,
    daysOfRecords: { since, missing },
    report,
  }: Digest,
  more: {
    readonly place: AccountRegion | undefined;
    readonly hasPage: boolean;
    /** Whose rules they are; text of others. */
    readonly owner?: string | undefined;
  },
): string {
  const lacks = [
    ...(incompleteDays.length === 0 ? [] : [`${count(incompleteDays.length, 'day')} not reconciled`]),
    ...(missing === 0 ? [] : [`${figure(missing)} of ${count(since, 'day')} without records`]),
  ];
  const { growth } = report;
  const coverage = `coverage ${coverageText(report.coverage)}`;
  const parts = [
    ...(growth?.verdictsOn
      ? [grownText(report), `first verdicts on ${growth.verdictsOn}`, count(findings.length, 'finding'), coverage]
      : [
          toRemove === undefined ? `${count(unused, 'rule')} unused` : `${count(toRemove, 'rule')} to remove`,
          `${figure(wentQuiet.length)} went quiet`,
          ...(more.owner === undefined
            ? [coverage]
            : [
                `${figure(tooWide.length)} too wide`,
                ...(back.length === 0 ? [] : [`${figure(back.length)} back in use`]),
              ]),
          ...(growth ? [`provisional: ${grownText(report)}`] : []),
        ]),
    ...(lacks.length === 0 ? [] : [`INCOMPLETE: ${lacks.join(', ')}`]),
    ...(more.hasPage ? [] : ['without report.html']),
  ];
  const owner = more.owner === undefined ? '' : ` ${shorten(plainText(more.owner), OWNER_CHARACTERS)}`;
  return oneLine(`stale-sg${placeText(more.place)}${owner}: ${parts.join(', ')}`);
}

/** Nothing in it is like the subject of a report. */
export function failureSubject(place: AccountRegion | undefined, error: string): string {
  return oneLine(`stale-sg FAILED${placeText(place)}: no report of this night (${error.slice(0, 80)})`);
}

export function placeText(place: AccountRegion | undefined): string {
  return place ? ` ${place.accountId} ${place.region}` : '';
}

/** No text of others can begin a header of its own, or turn the line round. */
function oneLine(text: string): string {
  return Array.from(plainText(text)).slice(0, SUBJECT_CHARACTERS).join('');
}

const SUBJECT_CHARACTERS = 180;
const OWNER_CHARACTERS = 40;
