import { partitionOf } from '../../../../shared/console-links.ts';
import { growthText } from '../../../../shared/reports/growth-text.ts';
import { count, figure, percent } from '../../../../shared/text/numbers.ts';
import { shorten } from '../../../../shared/text/plain.ts';
import { dayOf, isoDay, isoTime, type Day } from '../../../../shared/time.ts';
import type { Checks, DeploymentAilment } from './ailment.ts';
import { complaint, couldNotLook, isAre, shellWords, someOf } from './complaint.ts';
import type { DeploymentFacts } from './deployment-facts.ts';
import { foundOf } from './looked.ts';

const HOUR = 3600;
/** A reading is made every 15 minutes; the alarm `snapshot-groups-no-success` waits as long. */
const READING_SECONDS = HOUR;
/** As the alarm `night-missing`. */
const NIGHT_SECONDS = 26 * HOUR;
/** As the alarm `night-unknown-interfaces` by default. */
const MANY_UNKNOWN = 0.01;
/** A quarter of an hour of a busy account; the alarm `count-usage-oldest-message` knows the age of the oldest. */
const MANY_WAITING = 1000;
const LONGEST_REASON = 160;

const RULES_SHARE = 0.05;

/** The words of a command that name the deployment, and its region where one was given. */
function named({ prefix, region }: Pick<DeploymentFacts, 'prefix' | 'region'>): string {
  return shellWords(['--tables', prefix, ...(region === undefined ? [] : ['--region', region])]);
}

function aws(command: string, { region }: Pick<DeploymentFacts, 'region'>): string {
  return `aws ${command}${region === undefined ? '' : ` ${shellWords(['--region', region])}`}`;
}

function backfill(facts: DeploymentFacts, from: Day, to: Day): string {
  return `npx stale-sg backfill --from ${isoDay(from)} --to ${isoDay(to)} ${named(facts)}`;
}

/** Days between the first and the last settled one, and up to the day before yesterday, that no night has settled. */
function gapsOf({ settled, now }: DeploymentFacts): Day[] {
  const days = [...(foundOf(settled)?.keys() ?? [])].sort((a, b) => a - b);
  const [first] = days;
  if (first === undefined) return [];
  // The night of yesterday may not have begun, or may be at work.
  const all = Array.from({ length: Math.max(0, dayOf(now) - 1 - first) }, (_, i) => first + i);
  return all.filter((day) => !days.includes(day));
}

/** On how many days of its window the rule that was watched most was watched; undefined where there is no report. */
export function mostWatched({ report }: Pick<DeploymentFacts, 'report'>): number | undefined {
  const rules = foundOf(report)?.report.rules;
  return rules && Math.max(0, ...rules.map(({ evidence }) => evidence.watchedDays));
}

/** Of a deployment: what is wrong, and what that costs. */
export const DEPLOYMENT_CHECKS: Checks<DeploymentAilment, DeploymentFacts> = {
  noSnapshot: (facts) => {
    if (!('found' in facts.lastReading) || facts.lastReading.found !== undefined) return undefined;
    const text =
      'No snapshot of the account was ever taken: nothing can be counted, and the night will fail. One is due every 15 minutes.';
    const name = shellWords([`${facts.prefix}-snapshot-groups`]);
    return complaint(
      text,
      aws(`lambda invoke --function-name ${name} --cli-read-timeout 330 /dev/stdout`, facts),
      aws(`logs tail ${shellWords([`/aws/lambda/${facts.prefix}-snapshot-groups`])} --since 1h`, facts),
    );
  },
  snapshotsStopped: (facts) => {
    const last = foundOf(facts.lastReading);
    if (last === undefined || facts.now - last <= READING_SECONDS) return undefined;
    return complaint(
      `The account was read last at ${isoTime(last)}, ${ago(facts.now - last)} ago: a reading is due every 15 minutes. Records ` +
        'are held against rules that are as old, and a day without a snapshot within six hours is not watched.',
      aws(`scheduler get-schedule --name ${shellWords([`${facts.prefix}-snapshot-groups`])}`, facts),
      aws(`logs tail ${shellWords([`/aws/lambda/${facts.prefix}-snapshot-groups`])} --since 1h`, facts),
    );
  },
  nightFailed: (facts) => {
    const last = foundOf(facts.nights)?.find(({ status }) => status !== 'RUNNING');
    if (!last || last.status === 'SUCCEEDED') return undefined;
    return complaint(
      `The last night that ended (begun ${isoTime(last.startedAt)}) is ${last.status}. Its day stays as it was streamed, and makes ` +
        `no rule stale. Remove the cause, which its first red state tells, and run it again: ${last.link}`,
      backfill(facts, last.day, last.day),
    );
  },
  nightMissing: (facts) => {
    const nights = foundOf(facts.nights) ?? [];
    const [newest] = nights;
    if (!newest) return undefined;
    const last = nights.find(({ status }) => status === 'SUCCEEDED' || status === 'RUNNING');
    if (last && facts.now - last.startedAt <= NIGHT_SECONDS) return undefined;
    const yesterday = dayOf(facts.now) - 1;
    return complaint(
      `No night has succeeded for 26 hours; the newest began ${isoTime(newest.startedAt)}. Verdicts and the report come from ` +
        'nights alone.',
      aws(`scheduler get-schedule --name ${shellWords([`${facts.prefix}-night`])}`, facts),
      backfill(facts, yesterday, yesterday),
    );
  },
  noNightYet: (facts) => {
    if (foundOf(facts.nights)?.length !== 0) return undefined;
    return complaint(
      'No night has ever begun. After the first deployment that is so until the hour of night.at (03:30 UTC by default); after ' +
        'that the schedule, or its role, is wrong.',
      aws(`scheduler get-schedule --name ${shellWords([`${facts.prefix}-night`])}`, facts),
    );
  },
  deadLetters: (facts) => {
    const dead = foundOf(facts.deadLetters) ?? 0;
    if (dead === 0) return undefined;
    const queue = (end: string): string =>
      `arn:${partitionOf(facts.region ?? '')}:sqs:${facts.region ?? 'REGION'}:ACCOUNT:${facts.prefix}-count-usage${end}`;
    return complaint(
      `${count(dead, 'object')} could not be counted in ten tries. Days that have such are not watched until a night has read ` +
        'them. See what was said of them, remove the cause, and have them come again within 14 days.',
      aws(
        `logs filter-log-events --log-group-name ${shellWords([`/aws/lambda/${facts.prefix}-count-usage`])} --filter-pattern '{ $.level = "ERROR" }'`,
        facts,
      ),
      aws(`sqs start-message-move-task --source-arn ${queue('-dead-letters')} --destination-arn ${queue('')}`, facts),
    );
  },
  deadBatches: (facts) => {
    const dead = foundOf(facts.deadBatches) ?? 0;
    if (dead === 0) return undefined;
    return complaint(
      `${count(dead, 'dead letter')} of log groups ${isAre(dead)} not kept back yet. That takes moments; where it lasts, days count as ` +
        'watched of which records are missing. See why, and remove the cause within 14 days.',
      aws(`logs tail ${shellWords([`/aws/lambda/${facts.prefix}-keep-dead-letters`])} --since 1h`, facts),
    );
  },
  notSettled: (facts) => {
    const gaps = gapsOf(facts);
    if (gaps.length === 0) return undefined;
    return complaint(
      `${count(gaps.length, 'day')} since the first night ${isAre(gaps.length)} not settled (${someOf(gaps.map(isoDay))}): not ` +
        'watched, and no rule is stale for want of use on them.',
      backfill(facts, gaps[0]!, gaps.at(-1)!),
    );
  },
  markedDays: (facts) => {
    const marked = [...(foundOf(facts.marked) ?? [])].sort((a, b) => a.day - b.day);
    const [first] = marked;
    if (!first) return undefined;
    const why =
      first.reasons.length > 0 ? `, the first because ${shorten(first.reasons.join('; '), LONGEST_REASON)}` : '';
    return complaint(
      `${count(marked.length, 'day')} ${isAre(marked.length)} marked to be run again (${someOf(marked.map(({ day }) => isoDay(day)))})` +
        `${why}. The next nights do so, five times at most; or now:`,
      backfill(facts, first.day, marked.at(-1)!.day),
    );
  },
  oldReport: (facts) => {
    const found = foundOf(facts.report);
    if (!found || facts.now - found.writtenAt <= NIGHT_SECONDS) return undefined;
    const text = `The newest report is of ${isoTime(found.writtenAt)}, ${ago(facts.now - found.writtenAt)} old: judging failed since, or no night went through.`;
    return complaint(
      text,
      aws(`logs tail ${shellWords([`/aws/lambda/${facts.prefix}-judge-rules`])} --since 2d`, facts),
    );
  },
  unknownLeft: (facts) => {
    const last = [...(foundOf(facts.settled) ?? [])].sort(([a], [b]) => b - a)[0];
    const share = last?.[1].unknownInterfaceShare ?? 0;
    if (!last || share <= MANY_UNKNOWN) return undefined;
    return complaint(
      `${percent(share)} of the accepted records of ${isoDay(last[0])} are of interfaces that no snapshot has: they keep every ` +
        'rule of their VPC that fits from being called unused. The report names some of them.',
      `npx stale-sg report --out REPORT ${named(facts)}`,
    );
  },
  rulesNotWatched: (facts) => {
    const rules = foundOf(facts.report)?.report.rules ?? [];
    const unwatched = rules.flatMap(({ verdict }) =>
      verdict.kind === 'notObserved' && verdict.reason === 'notWatched' && verdict.because !== 'tooFewDays'
        ? [verdict.because]
        : [],
    );
    if (unwatched.length <= RULES_SHARE * rules.length) return undefined;
    const reasons = [...Map.groupBy(unwatched, (because) => because)].sort(([, a], [, b]) => b.length - a.length);
    return complaint(
      `${count(unwatched.length, 'rule')} of ${figure(rules.length)} ${isAre(unwatched.length)} notObserved since their interfaces were not watched, ` +
        `for want of: ${reasons.map(([because, some]) => `${because} ${figure(some.length)}`).join(', ')}. What each means is told beside the rule.`,
      `npx stale-sg report --out REPORT ${named(facts)}`,
      aws(`ec2 describe-flow-logs --query 'FlowLogs[].[FlowLogId,ResourceId,TrafficType,DeliverLogsStatus]'`, facts),
    );
  },
  couldNotLook: ({ lastReading, waiting, deadLetters, deadBatches, nights, marked, settled, report }) =>
    couldNotLook({
      snapshots: lastReading,
      'the queue': waiting,
      'dead letters': deadLetters,
      'dead batches': deadBatches,
      nights,
      'marked days': marked,
      'settled days': settled,
      'the report': report,
    }),
  queueWaits: (facts) => {
    const waiting = foundOf(facts.waiting) ?? 0;
    if (waiting <= MANY_WAITING) return undefined;
    return complaint(
      `${count(waiting, 'object')} wait to be counted: usual for minutes after a stop, not for hours. If it grows, raise ` +
        'countUsage.maximumConcurrency.',
      aws(`logs tail ${shellWords([`/aws/lambda/${facts.prefix}-count-usage`])} --since 15m`, facts),
    );
  },
  noReport: ({ report, nights }) => {
    if (!('found' in report) || report.found !== undefined || (foundOf(nights) ?? []).length === 0) return undefined;
    return complaint('There is no report yet: the first night that goes through to its end writes one.');
  },
  inventoryProblems: (facts) => {
    const { inventoryProblems = [] } = foundOf(facts.report)?.report ?? {};
    const [first] = inventoryProblems;
    if (first === undefined) return undefined;
    return complaint(
      `The report names ${count(inventoryProblems.length, 'thing')} that looked wrong, or that nobody could ask for, the first: ` +
        `${shorten(first, LONGEST_REASON)}.`,
      `npx stale-sg report --out REPORT ${named(facts)}`,
    );
  },
  windowGrows: (facts) => {
    const found = foundOf(facts.report)?.report;
    const growth = found && growthText(found);
    if (growth === undefined) return undefined;
    return complaint(
      `${growth} If older flow logs are in the bucket, nights can read them.`,
      backfill(facts, dayOf(facts.now) - found!.windowDays, dayOf(facts.now) - 1),
    );
  },
};

/** `3 hours`, `2 days`. */
export function ago(seconds: number): string {
  if (seconds < 2 * HOUR) return count(Math.round(seconds / 60), 'minute');
  return seconds < 48 * HOUR
    ? count(Math.round(seconds / HOUR), 'hour')
    : count(Math.round(seconds / 24 / HOUR), 'day');
}
