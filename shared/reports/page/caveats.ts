import type { PageReport } from './packed-report.ts';
import { isAgeUnknown } from '../next-steps.ts';
import { strangersTexts } from '../accounts-text.ts';
import { recordsTexts } from '../days-with-records.ts';
import { count, percent } from '../../text/numbers.ts';

/** Below this, what happens once a month or once a quarter may well not have happened. */
const LONG_ENOUGH_DAYS = 30;
const GOOD_COVERAGE = 0.95;

/** What one must know before trusting the figures, the gravest first; each one sentence. */
export function caveats(report: PageReport): string[] {
  const { records, windowDays, coverage, rules, days, plan, unknownInterfaces, inventoryProblems } = report;
  const found = [...strangersTexts(report), ...recordsTexts(report)];
  if (windowDays < LONG_ENOUGH_DAYS) {
    found.push(
      `${count(windowDays, 'day')} ${windowDays === 1 ? 'is' : 'are'} short: monthly jobs, failovers and backups may not have run.`,
    );
  }
  if (coverage !== null && coverage < GOOD_COVERAGE) {
    found.push(
      `Rules explain only ${percent(coverage)} of the accepted records: the inventory may not be what was in force.`,
    );
  }
  if (report.observedBy === 'records') {
    found.push('There was no flow-logs.json: an interface counts as observed on days that it has any record.');
  }
  const aged = rules.filter(isAgeUnknown).length;
  if (aged > 0) {
    found.push(
      `How old ${count(aged, 'unused rule')} ${aged === 1 ? 'is' : 'are'}, is unknown: a rule made yesterday would look the same.`,
    );
  }
  const incomplete = days.filter((day) => day.incomplete !== null);
  if (incomplete.length > 0) {
    found.push(
      `${count(incomplete.length, 'day')} could not be settled by the night, the first: ${incomplete[0]!.day} (${incomplete[0]!.incomplete!}).`,
    );
  }
  if (records.skipData > 0) {
    found.push(`${count(records.skipData, 'record')} told that AWS skipped data: traffic is missing there.`);
  }
  if (records.malformed > 0) found.push(`${count(records.malformed, 'line')} could not be read.`);
  if (unknownInterfaces.distinct > 0) {
    found.push(
      `${count(unknownInterfaces.distinct, 'interface')} had traffic and ${unknownInterfaces.distinct === 1 ? 'is' : 'are'} not in the inventory.`,
    );
  }
  if (inventoryProblems.length > 0) {
    found.push(`${count(inventoryProblems.length, 'problem')} in the inventory.`);
  }
  const skipped = plan?.skipped.length ?? 0;
  if (skipped > 0) found.push(`The plan leaves out ${count(skipped, 'rule')}, each with its reason.`);
  return found;
}
