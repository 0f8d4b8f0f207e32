import { PLAN_DAYS } from '../../../../shared/verdicts/growing-window.ts';
import { shellQuote } from '../../../../shared/advice/removal/shell-quote.ts';
import type { OPTIONAL_FIELDS } from '../../../../shared/flowlogs/fields.ts';
import { count, figure, percent } from '../../../../shared/text/numbers.ts';
import { isoDay } from '../../../../shared/time.ts';
import { MIN_HOURS } from '../../../../shared/verdicts/observed-day.ts';
import type { Checks, Complaint, InputAilment } from './ailment.ts';
import { complaint, isAre, shellWords, someOf } from './complaint.ts';
import { createFlowLogs } from './create-flow-logs.ts';
import { bestHeard, carriers, coveringLogs, daysThere, logsHere, wholeDays, type InputFacts } from './input-facts.ts';

/** Of the lines of a day, beyond which it is not watched. */
const MANY_MALFORMED = 0.01;
/** A record of the shorter of AWS's two intervals sums up a minute; a few seconds more happen. */
const MINUTE_WINDOW = 90;
/** The window that `analyze` takes at most by itself. */
export const LONGEST_WINDOW_DAYS = 90;

/** Of files without a column: how many, what that costs, and a flow log with it. A format cannot be changed. */
function lacks(field: (typeof OPTIONAL_FIELDS)[number], cost: string) {
  return ({ logs: { sample } }: InputFacts): Complaint | undefined => {
    const files = sample.lacking.get(field) ?? 0;
    if (files === 0) return undefined;
    const share = files === sample.files ? 'The' : `${figure(files)} of ${figure(sample.files)} sampled`;
    const text = `${share} files have no ${field}: ${cost}. A flow log's format cannot be changed; a new one can have it.`;
    return complaint(text, createFlowLogs(sample.vpcs));
  };
}

/** Interfaces whose flow logs have files here, by these flow logs; without flow-logs.json all files speak for all. */
function listenedTo({ given: { newest }, logs }: InputFacts): { ids: string[] | undefined; interfaces: number }[] {
  if (newest.flowLogs === undefined) return [{ ids: undefined, interfaces: carriers(newest).length }];
  const here = logsHere(logs);
  const covering = coveringLogs(newest);
  const sets = carriers(newest).map((one) => covering(one).filter((id) => here.has(id)));
  const byKey = Map.groupBy(
    sets.filter((ids) => ids.length > 0),
    (ids) => ids.join(' '),
  );
  return [...byKey.values()].map((alike) => ({ ids: alike[0]!, interfaces: alike.length }));
}

/** Of the flow logs: what is missing, and what that costs. */
export const LOG_CHECKS = {
  noRecord: ({ logs: { sample, files } }) => {
    if (sample.records > 0) return undefined;
    const where = sample.isAll
      ? `in the ${count(files, 'file')}`
      : `at the beginning of ${count(sample.files, 'file')}`;
    return complaint(`No flow log record ${where}: analyze would end with an error. Give --logs where records are.`);
  },
  unreadableFile: ({ logs: { sample, files } }) => {
    const [first] = sample.unreadable;
    if (!first) return undefined;
    const number = count(sample.unreadable.length, 'file');
    return complaint(
      `${number} of ${figure(files)} cannot be read, the first: ${first.file}: ${first.reason.replace(`${first.file}: `, '')}. ` +
        'analyze ends there, since a rule used in it alone would look unused. Fetch it once more, or take it away.',
      `aws s3 cp s3://BUCKET/KEY ${shellQuote(first.file)}`,
    );
  },
  onlyRejects: ({ logs: { sample } }) => {
    if (sample.accepted > 0 || sample.rejected === 0) return undefined;
    const text =
      `All ${count(sample.rejected, 'record')} of traffic in the sample are REJECT: what rules admit is not in these logs, ` +
      'and every rule would be notObserved. A flow log of traffic type ALL tells both.';
    return complaint(text, createFlowLogs(sample.vpcs));
  },
  missingDays: ({ logs, paths }) => {
    if (logs.days.size === 0) return undefined;
    const gaps = daysThere(logs).filter((day) => !logs.days.has(day));
    if (gaps.length === 0) return undefined;
    const text = `Of ${count(gaps.length, 'day')} between the first and the last there is no file: ${someOf(gaps.map(isoDay))}. They are not watched.`;
    const day = isoDay(gaps[0]!).replaceAll('-', '/');
    return complaint(
      text,
      `aws s3 sync s3://BUCKET/AWSLogs/ACCOUNT/vpcflowlogs/REGION/${day}/ ${shellWords(paths.slice(0, 1))}`,
    );
  },
  missingHours: (facts) => {
    const { logs } = facts;
    const there = daysThere(logs).filter((day) => logs.days.has(day));
    const gaps = listenedTo(facts).flatMap(({ ids, interfaces }) =>
      there.map((day) => ({ day, ids, interfaces, hours: bestHeard(logs, day, ids) })),
    );
    const short = gaps.filter(({ hours }) => hours < MIN_HOURS).sort((a, b) => a.hours - b.hours || a.day - b.day);
    const [worst] = short;
    if (!worst) return undefined;
    const hours = (Math.round(10 * (24 - worst.hours)) / 10).toString();
    const number = new Set(short.map(({ day }) => day)).size;
    return complaint(
      `On ${count(number, 'day')} more than two hours' worth of files is missing, by their names: most on ${isoDay(worst.day)}, ` +
        `${hours} of 24 hours for ${count(worst.interfaces, 'interface')}. Such a day is not watched (hoursMissing). Few interfaces ` +
        'with ten-minute intervals have such gaps by themselves: let the flow log aggregate every minute.',
      `aws ec2 describe-flow-logs${worst.ids ? ` --flow-log-ids ${worst.ids.join(' ')}` : ''} --query 'FlowLogs[].[FlowLogId,DeliverLogsStatus,DeliverLogsErrorMessage]'`,
    );
  },
  lacksFlags: lacks(
    'tcp-flags',
    'without SYNs who opened a connection is inferred, more is left as possible use, and no group reference may stand in for a rule',
  ),
  lacksStatus: lacks('log-status', 'nobody can tell whether records were skipped'),
  lacksPacketAddresses: lacks(
    'pkt-srcaddr',
    "behind NAT and load balancers the true peer is unknown, and an interface's second addresses look like its first",
  ),
  lacksDirection: lacks(
    'flow-direction',
    'the direction is guessed by addresses, and of forwarded traffic it is unknown',
  ),
  lacksVpcId: lacks(
    'vpc-id',
    'an unknown interface gives possible use in the VPC of its flow log, or, if that is not known either, in every VPC',
  ),
  fewerThan30Days: ({ logs }) => {
    const whole = wholeDays(logs).length;
    if (whole >= PLAN_DAYS) return undefined;
    const text =
      `${count(whole, 'whole day')} of logs: verdicts speak of no more, a plan wants ${figure(PLAN_DAYS)} watched days of each rule, ` +
      'and a job that runs once a month may not have run. Give older files as well, if there are some.';
    return complaint(text, 'aws s3 ls s3://BUCKET/AWSLogs/ACCOUNT/vpcflowlogs/REGION/ --recursive');
  },
  fewerThan90Days: ({ logs }) => {
    const whole = wholeDays(logs).length;
    if (whole < PLAN_DAYS || whole >= LONGEST_WINDOW_DAYS) return undefined;
    const text = `${count(whole, 'whole day')} of logs: what runs once a quarter may not have run. Give older files as well, if there are some.`;
    return complaint(text, 'aws s3 ls s3://BUCKET/AWSLogs/ACCOUNT/vpcflowlogs/REGION/ --recursive');
  },
  unreadableLines: ({ logs: { sample } }) => {
    const { malformed, records, firstMalformed } = sample;
    if (malformed <= MANY_MALFORMED * (malformed + records)) return undefined;
    const share = percent(malformed / (malformed + records));
    return complaint(
      `${share} of the sampled lines cannot be read, the first: ${firstMalformed}. A day with more than ` +
        `${percent(MANY_MALFORMED)} such lines of a flow log is not watched. Fetch these files once more.`,
      'aws s3 cp s3://BUCKET/KEY FILE',
    );
  },
  filesNotRead: ({ logs: { notRead } }) => {
    if (notRead.length === 0) return undefined;
    const text = `${count(notRead.length, 'file')} may be logs by their names, and would not be read: ${someOf(notRead)}. Name them with the ending .log or .log.gz if they are.`;
    return complaint(text, `mv ${shellQuote(notRead[0]!)} ${shellQuote(`${notRead[0]!}.log`)}`);
  },
  coarseWindows: ({ logs: { sample } }) => {
    if (sample.longestWindow <= MINUTE_WINDOW) return undefined;
    const minutes = figure(Math.round(sample.longestWindow / 60));
    const text =
      `Records sum up to ${minutes} minutes: a flow log of few interfaces then leaves hours without a file, which are not ` +
      'watched. An interval of a minute does not; records of Nitro instances have it anyhow.';
    return complaint(text, createFlowLogs(sample.vpcs));
  },
  unnamedFiles: ({ logs: { unnamed, files } }) => {
    if (unnamed === 0) return undefined;
    const text =
      `${figure(unnamed)} of ${count(files, 'file')} have no name as AWS gives it: of which flow log they are, and whether hours ` +
      'are missing, only their records tell. Keep the names of the objects.';
    return complaint(text, 'aws s3 sync s3://BUCKET/AWSLogs/ LOGS');
  },
  filesPutTogether: ({ logs: { sample } }) => {
    if (sample.putTogether.size === 0) return undefined;
    return complaint(
      `Files of ${count(sample.putTogether.size, 'flow log')} (${someOf(sample.putTogether)}) hold hours of records: somebody put ` +
        'them together. Whether hours are missing, only analyze can tell; the names of the objects would.',
      'aws s3 sync s3://BUCKET/AWSLogs/ LOGS',
    );
  },
  otherLogs: ({ logs: { sample } }) => {
    const { otherLogs } = sample;
    if (otherLogs.length === 0) return undefined;
    return complaint(
      `${count(otherLogs.length, 'file')} of the sample ${isAre(otherLogs.length)} of transit gateways or Cloud WAN, and left out: ${someOf(otherLogs)}. Nothing is lost by it.`,
    );
  },
} as const satisfies Partial<Checks<InputAilment, InputFacts>>;
