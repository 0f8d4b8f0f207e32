import { describe, expect, test } from '@jest/globals';
import {
  DEPLOYMENT_AILMENTS,
  checkup,
  type DeploymentAilment,
} from '../../../../../services/command-line/commands/doctor/ailment.ts';
import type {
  DeploymentFacts,
  NightRun,
} from '../../../../../services/command-line/commands/doctor/deployment-facts.ts';
import { deploymentCheckup } from '../../../../../services/command-line/commands/doctor/examine-deployment.ts';
import { look } from '../../../../../services/command-line/commands/doctor/looked.ts';
import type { DeployedReport } from '../../../../../services/command-line/deployment/report-adapter.ts';
import type { UsageReport } from '../../../../../shared/reports/schema.ts';
import { dayFromIso, dayOf, type Day } from '../../../../../shared/time.ts';
import type { Settled } from '../../../../../shared/usage/settled.ts';
import { eachAilment, type AilmentRow } from './each-ailment.ts';

const HOUR = 3600;
/** 2026-04-12T09:00:00Z */
const NOW = Date.UTC(2026, 3, 12, 9) / 1000;
const YESTERDAY = dayOf(NOW) - 1;

type Verdict = UsageReport['rules'][number]['verdict'];
interface JudgedRule {
  readonly watchedDays: number;
  readonly verdict: Verdict;
}
const ACTIVE: Verdict = { kind: 'active', unanswered: false };
const UNWATCHED: Verdict = {
  kind: 'notObserved',
  reason: 'notWatched',
  watchedDays: 3,
  days: 90,
  because: 'hoursMissing',
  interfaceId: null,
};

interface Told {
  readonly writtenAt?: number;
  readonly growth?: UsageReport['growth'];
  readonly inventoryProblems?: readonly string[];
}

/** What a report tells to who looks at the deployment. */
function reportOf(
  rules: readonly JudgedRule[],
  { writtenAt = NOW - 5 * HOUR, growth = null, inventoryProblems = [] }: Told = {},
): { found: DeployedReport } {
  const report = {
    windowDays: 90,
    window: { from: '2026-01-12', to: '2026-04-11' },
    growth,
    coverage: 0.99,
    inventoryProblems,
    rules: rules.map(({ watchedDays, verdict }) => ({ verdict, evidence: { watchedDays } })),
  } as unknown as UsageReport;
  return { found: { name: 's3://data/reports/x', startedAt: writtenAt, writtenAt, report } };
}

function settledOf(first: Day, last: Day, without: readonly Day[] = [], unknownInterfaceShare = 0.01) {
  const one = { unknownInterfaceShare } as unknown as Settled;
  const days = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((day) => !without.includes(day));
  return { found: new Map(days.map((day) => [day, one])) };
}

const night = (status: string, hoursAgo: number): NightRun => {
  const startedAt = NOW - hoursAgo * HOUR;
  return { startedAt, status, day: dayOf(startedAt) - 1, link: 'https://console/night' };
};

const WELL: DeploymentFacts = {
  now: NOW,
  prefix: 'sg-analysis',
  region: 'eu-central-1',
  lastReading: { found: NOW - 600 },
  waiting: { found: 3 },
  deadLetters: { found: 0 },
  deadBatches: { found: 0 },
  nights: { found: [night('SUCCEEDED', 5)] },
  marked: { found: [] },
  settled: settledOf(YESTERDAY - 89, YESTERDAY),
  report: reportOf([{ watchedDays: 90, verdict: ACTIVE }]),
};

const GROWTH = { days: 20, firstDay: '2026-03-23', verdictsOn: null, planOn: '2026-04-22', wholeOn: '2026-06-17' };

const ROWS: Readonly<Record<DeploymentAilment, AilmentRow<DeploymentAilment, Partial<DeploymentFacts>>>> = {
  noSnapshot: {
    ill: { lastReading: { found: undefined } },
    says: /^No snapshot of the account was ever taken/,
    command: /^aws lambda invoke --function-name sg-analysis-snapshot-groups .* --region eu-central-1$/,
    well: { lastReading: { missing: 'the right dynamodb:Query is missing' } },
  },
  snapshotsStopped: {
    ill: { lastReading: { found: NOW - 3601 } },
    says: /^The account was read last at 2026-04-12T07:59:59Z, 60 minutes ago/,
    command: /^aws scheduler get-schedule --name sg-analysis-snapshot-groups --region eu-central-1$/,
    well: { lastReading: { found: NOW - 3600 } },
  },
  nightFailed: {
    ill: { nights: { found: [night('RUNNING', 1), night('TIMED_OUT', 4), night('SUCCEEDED', 20)] } },
    says: /^The last night that ended \(begun 2026-04-12T05:00:00Z\) is TIMED_OUT\. .*https:\/\/console\/night/,
    command: /^npx stale-sg backfill --from 2026-04-11 --to 2026-04-11 --tables sg-analysis --region eu-central-1$/,
    well: { nights: { found: [night('SUCCEEDED', 4), night('FAILED', 20)] } },
  },
  nightMissing: {
    ill: { nights: { found: [night('SUCCEEDED', 26.01)] } },
    says: /^No night has succeeded for 26 hours; the newest began 2026-04-11T06:59:24Z/,
    command: /^aws scheduler get-schedule --name sg-analysis-night /,
    well: { nights: { found: [night('SUCCEEDED', 26)] } },
  },
  noNightYet: {
    ill: { nights: { found: [] } },
    says: /^No night has ever begun/,
    command: /^aws scheduler get-schedule --name sg-analysis-night /,
    well: { nights: { missing: 'the right states:ListExecutions is missing' } },
  },
  deadLetters: {
    ill: { deadLetters: { found: 2 } },
    says: /^2 objects could not be counted in ten tries/,
    command: /^aws logs filter-log-events --log-group-name \/aws\/lambda\/sg-analysis-count-usage /,
    well: { deadLetters: { found: 0 } },
  },
  deadBatches: {
    ill: { deadBatches: { found: 1 } },
    says: /^1 dead letter of log groups is not kept back yet/,
    command: /^aws logs tail \/aws\/lambda\/sg-analysis-keep-dead-letters /,
    well: { deadBatches: { found: 0 } },
  },
  notSettled: {
    ill: { settled: settledOf(YESTERDAY - 89, YESTERDAY, [YESTERDAY - 5, YESTERDAY - 1]) },
    says: /^2 days since the first night are not settled \(2026-04-06, 2026-04-10\)/,
    command: /^npx stale-sg backfill --from 2026-04-06 --to 2026-04-10 /,
    // The night of yesterday may be at work.
    well: { settled: settledOf(YESTERDAY - 89, YESTERDAY - 1) },
  },
  markedDays: {
    ill: {
      marked: {
        found: [
          { day: YESTERDAY, reasons: [] },
          { day: YESTERDAY - 2, reasons: ['late objects'] },
        ],
      },
    },
    says: /^2 days are marked to be run again \(2026-04-09, 2026-04-11\), the first because late objects\./,
    command: /^npx stale-sg backfill --from 2026-04-09 --to 2026-04-11 /,
    well: { marked: { found: [] } },
  },
  oldReport: {
    ill: { report: reportOf([{ watchedDays: 90, verdict: ACTIVE }], { writtenAt: NOW - 27 * HOUR }) },
    says: /^The newest report is of 2026-04-11T06:00:00Z, 27 hours old/,
    command: /^aws logs tail \/aws\/lambda\/sg-analysis-judge-rules /,
    well: { report: reportOf([{ watchedDays: 90, verdict: ACTIVE }], { writtenAt: NOW - 26 * HOUR }) },
  },
  unknownLeft: {
    ill: { settled: settledOf(YESTERDAY - 3, YESTERDAY, [], 0.02) },
    says: /^2\.0 % of the accepted records of 2026-04-11 are of interfaces that no snapshot has/,
    command: /^npx stale-sg report --out REPORT --tables sg-analysis --region eu-central-1$/,
    well: { settled: settledOf(YESTERDAY - 3, YESTERDAY, [], 0.01) },
  },
  rulesNotWatched: {
    ill: {
      report: reportOf([
        { watchedDays: 90, verdict: ACTIVE },
        { watchedDays: 3, verdict: UNWATCHED },
      ]),
    },
    says: /^1 rule of 2 is notObserved since their interfaces were not watched, for want of: hoursMissing 1\./,
    command: /^npx stale-sg report --out REPORT /,
    well: {
      report: reportOf([
        { watchedDays: 90, verdict: ACTIVE },
        { watchedDays: 3, verdict: { ...UNWATCHED, because: 'tooFewDays' } },
      ]),
    },
  },
  couldNotLook: {
    ill: {
      deadLetters: { missing: 'the right sqs:GetQueueAttributes is missing' },
      report: { missing: 'NoSuchBucket' },
    },
    says: /^Could not look at dead letters \(the right sqs:GetQueueAttributes is missing\), the report \(NoSuchBucket\)/,
    command: /^aws sts get-caller-identity$/,
    well: {},
  },
  queueWaits: {
    ill: { waiting: { found: 1001 } },
    says: /^1,001 objects wait to be counted/,
    command: /^aws logs tail \/aws\/lambda\/sg-analysis-count-usage /,
    well: { waiting: { found: 1000 } },
  },
  noReport: {
    ill: { report: { found: undefined } },
    says: /^There is no report yet/,
    well: { report: { found: undefined }, nights: { found: [] } },
  },
  inventoryProblems: {
    ill: { report: reportOf([], { inventoryProblems: ['cloudtrail:LookupEvents is not allowed', 'another'] }) },
    says: /^The report names 2 things that looked wrong, or that nobody could ask for, the first: cloudtrail:LookupEvents/,
    command: /^npx stale-sg report --out REPORT /,
    well: { report: reportOf([]) },
  },
  windowGrows: {
    ill: { report: reportOf([{ watchedDays: 20, verdict: ACTIVE }], { growth: GROWTH }) },
    says: /^Provisional: 20 of 90 days are there, .* the first plan on 2026-04-22 and .* on 2026-06-17\. If older/,
    command: /^npx stale-sg backfill --from 2026-01-12 --to 2026-04-11 /,
    well: { report: reportOf([{ watchedDays: 20, verdict: ACTIVE }]) },
  },
};

const checkupOf = (facts: Partial<DeploymentFacts>) => checkup.parse(deploymentCheckup({ ...WELL, ...facts }));

test('a deployment in which nothing ails', () => {
  const { ailments, next, facts } = checkupOf({});
  expect({ ailments, next }).toEqual({ ailments: [], next: null });
  expect(facts).toEqual([
    { name: 'Deployment', value: 'sg-analysis, looked at 2026-04-12T09:00:00Z' },
    { name: 'Snapshot', value: 'account read 10 minutes ago' },
    { name: 'Queue', value: '3 objects waiting' },
    { name: 'Dead letters', value: '0' },
    { name: 'Last night', value: 'SUCCEEDED, begun 2026-04-12T04:00:00Z' },
    { name: 'Days', value: '90 days settled, 0 marked' },
    { name: 'Report', value: 'to 2026-04-11; at best 90 of 90 days watched; 99.0 % explained' },
  ]);
});

eachAilment(DEPLOYMENT_AILMENTS, ROWS, checkupOf);

describe('the next useful date', () => {
  const growing = (more: Partial<typeof GROWTH> | { planOn: null } | { verdictsOn: string }) => ({
    report: reportOf([], { growth: { ...GROWTH, ...more } }),
  });
  test.each<[why: string, facts: Partial<DeploymentFacts>, next: unknown]>([
    [
      'no report yet',
      { report: { found: undefined } },
      { on: '2026-04-13', what: expect.stringMatching(/first report/) },
    ],
    ['nobody could look', { report: { missing: 'x' } }, null],
    [
      'no verdict yet',
      growing({ verdictsOn: '2026-04-16' }),
      { on: '2026-04-16', what: expect.stringMatching(/^first verdicts/) },
    ],
    ['no plan yet', growing({}), { on: '2026-04-22', what: 'a first plan' }],
    ['no whole window yet', growing({ planOn: null }), { on: '2026-06-17', what: expect.stringMatching(/whole/) }],
    ['a whole window', {}, null],
  ])('%s', (_why, facts, next) => {
    expect(checkupOf(facts).next).toEqual(next);
  });
  test('is a day', () => {
    expect(dayFromIso(checkupOf({ report: { found: undefined } }).next!.on)).toBe(YESTERDAY + 2);
  });
});

describe('a call', () => {
  const failing = (name: string) => async () => Promise.reject(Object.assign(new Error('why'), { name }));
  test.each([
    ['AccessDeniedException', 'the right x:Y is missing'],
    ['AccessDenied', 'the right x:Y is missing'],
    ['UnauthorizedOperation', 'the right x:Y is missing'],
    ['QueueDoesNotExist', 'x:Y: why'],
    ['NoSuchBucket', 'x:Y: why'],
  ])('that ends with %s', async (name, missing) => {
    expect(await look('x:Y', failing(name))).toEqual({ missing });
  });
  test.each(['CredentialsProviderError', 'TimeoutError', 'Error'])('that ends with %s fails', async (name) => {
    await expect(look('x:Y', failing(name))).rejects.toThrow('why');
  });
  test('that says of which place it speaks, by its cause', async () => {
    const told = (name: string) =>
      Promise.reject(new Error('s3://x: why', { cause: Object.assign(new Error('why'), { name }) }));
    expect(await look('x:Y', () => told('AccessDenied'))).toEqual({ missing: 'the right x:Y is missing' });
    await expect(look('x:Y', () => told('TimeoutError'))).rejects.toThrow('s3://x: why');
  });
  test('that finds nothing has looked', async () => {
    expect(await look('x:Y', () => Promise.resolve(undefined))).toEqual({ found: undefined });
  });
});
