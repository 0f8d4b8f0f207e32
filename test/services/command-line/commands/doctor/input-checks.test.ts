import { expect, test } from '@jest/globals';
import {
  ACCOUNT_AILMENTS,
  DEPLOYMENT_AILMENTS,
  INPUT_AILMENTS,
  SEVERITIES,
  type InputAilment,
} from '../../../../../services/command-line/commands/doctor/ailment.ts';
import { inputCheckup } from '../../../../../services/command-line/commands/doctor/examine-input.ts';
import { awsRule } from '../../../../shared/inventory/aws-shorthand.ts';
import { eni, FIRST, flowLog, heard, inputFactsOf, type Changes } from './input-facts-of.ts';
import { eachAilment, type AilmentRow } from './each-ailment.ts';

/** A snapshot on each day from the one before the logs on. */
function daily(last: number): number[] {
  return Array.from({ length: last + 2 }, (_, i) => i - 1);
}

/** Days of logs, by the hours in which `fl-1` was heard. */
function daysOf(hours: Readonly<Record<number, number>>, whole = 90): NonNullable<Changes['logs']> {
  const { logs } = inputFactsOf({ whole });
  const changed = new Map(logs.days);
  for (const [day, heardIn] of Object.entries(hours)) {
    if (heardIn === 0) changed.delete(FIRST + Number(day));
    else changed.set(FIRST + Number(day), new Map([['fl-1', heard(heardIn)]]));
  }
  return { days: changed };
}

/** What makes each ailment appear, what its text and its first command must tell, and what comes near without it. */
const ROWS: Readonly<Record<InputAilment, AilmentRow<InputAilment, Changes>>> = {
  noRecord: {
    ill: { sample: { records: 0, accepted: 0, rejected: 0, interfaces: new Map() } },
    says: /^No flow log record at the beginning of 96 files/,
    well: { sample: { records: 1 } },
  },
  unreadableFile: {
    ill: { sample: { unreadable: [{ file: 'logs/a b.log.gz', reason: 'logs/a b.log.gz: cut short' }] } },
    says: /^1 file of 2,160 cannot be read, the first: logs\/a b\.log\.gz: cut short\. analyze ends there/,
    command: /^aws s3 cp s3:\/\/BUCKET\/KEY 'logs\/a b\.log\.gz'$/,
    well: {},
  },
  onlyRejects: {
    ill: { sample: { accepted: 0 } },
    says: /^All 100 records of traffic in the sample are REJECT/,
    command: /--resource-ids vpc-1 --traffic-type ALL .*--max-aggregation-interval 60 .*\$\{tcp-flags\}/,
    well: { sample: { accepted: 1 } },
  },
  uncoveredInterfaces: {
    ill: {
      lists: {
        interfaces: [eni('eni-1'), eni('eni-2', { VpcId: 'vpc-2' })],
        flowLogs: [
          flowLog('fl-1'),
          flowLog('fl-2', { ResourceId: 'vpc-2', TrafficType: 'REJECT' }),
          flowLog('fl-3', { ResourceId: 'vpc-2', DeliverLogsStatus: 'FAILED' }),
        ],
      },
    },
    says: /^1 interface with groups is in no active flow log of accepted traffic \(eni-2\)/,
    command: /--resource-ids vpc-2 /,
    well: { lists: { interfaces: [eni('eni-1'), eni('eni-2', { VpcId: 'vpc-2', Groups: [] })] } },
  },
  silentFlowLogs: {
    ill: {
      lists: {
        interfaces: [eni('eni-1'), eni('eni-2', { VpcId: 'vpc-2' })],
        flowLogs: [flowLog('fl-1'), flowLog('fl-2', { ResourceId: 'vpc-2' })],
      },
    },
    says: /^Of 1 flow log \(fl-2\) there is no file here: 1 interface /,
    command: /^aws ec2 describe-flow-logs --flow-log-ids fl-2$/,
    well: { lists: { flowLogs: [flowLog('fl-1'), flowLog('fl-2', { ResourceId: 'subnet-1' })] } },
  },
  unknownInterfaces: {
    ill: { sample: { interfaces: new Map([...both(), ['eni-2', 9]]) } },
    says: /^1\.1 % of the accepted records are of 1 interface that the inventory does not have \(eni-2\)/,
    command: /^npx stale-sg snapshot --out INVENTORY --history --unknown-of logs$/,
    well: { sample: { interfaces: new Map([...both(), ['eni-2', 8]]) } },
  },
  missingDays: {
    ill: { logs: daysOf({ 5: 0 }, 91) },
    says: /^Of 1 day between the first and the last there is no file: 2026-01-17\./,
    command: /vpcflowlogs\/REGION\/2026\/01\/17\/ logs$/,
    well: { logs: daysOf({}, 91) },
  },
  missingHours: {
    ill: { logs: daysOf({ 5: 21, 6: 20 }, 92) },
    says: /^On 2 days more .*most on 2026-01-18, 4 of 24 hours for 1 interface\./,
    command: /^aws ec2 describe-flow-logs --flow-log-ids fl-1 /,
    // A first and a last day that are cut are no days.
    well: { logs: daysOf({ 0: 5, 5: 22, 91: 3 }, 92) },
  },
  lacksFlags: lacking('tcp-flags', /^The files have no tcp-flags: without SYNs/),
  lacksStatus: lacking('log-status', /^The files have no log-status/),
  lacksPacketAddresses: lacking('pkt-srcaddr', /^The files have no pkt-srcaddr/),
  lacksDirection: lacking('flow-direction', /^The files have no flow-direction/),
  lacksVpcId: lacking('vpc-id', /^The files have no vpc-id/),
  fewerThan30Days: {
    ill: { whole: 29 },
    says: /^29 whole days of logs: .* a plan wants 30 watched days/,
    command: /^aws s3 ls /,
    well: { whole: 30 },
  },
  fewerThan90Days: { ill: { whole: 89 }, says: /^89 whole days of logs/, command: /^aws s3 ls /, well: { whole: 90 } },
  noHistory: {
    ill: { remembers: false },
    says: /^Nothing tells since when rules stand/,
    command: /^npx stale-sg snapshot --out INVENTORY --history$/,
    well: { remembers: false, snapshots: [0, 89] },
    also: ['oneSnapshot'],
  },
  lateSnapshots: {
    ill: { snapshots: [3, 89] },
    says: /^4 days of the logs began before the first snapshot \(2026-01-15T12:00:00Z\)/,
    well: { snapshots: [-1, 89] },
    also: ['oldSnapshots'],
  },
  oldSnapshots: {
    ill: { snapshots: daily(80) },
    says: /^9 days of the logs \(2026-04-03 to 2026-04-11\) are without a snapshot on the day or in the six hours before: /,
    command: /^npx stale-sg snapshot --out inv\/\$\(date -u \+%Y-%m-%dT%H-%M-%SZ\) --history$/,
    well: { snapshots: daily(89) },
  },
  noFlowLogList: {
    ill: { lists: { flowLogs: undefined } as unknown as Changes['lists'] & object },
    says: /^No flow-logs\.json/,
    command: /^aws ec2 describe-flow-logs > inv\/flow-logs\.json$/,
    well: { lists: { flowLogs: [flowLog('fl-1')] } },
  },
  noVpcList: {
    ill: { lists: { vpcs: undefined } as unknown as Changes['lists'] & object },
    says: /^No vpcs\.json/,
    command: /^aws ec2 describe-vpcs > inv\/vpcs\.json$/,
    well: {},
  },
  listsWithoutEntries: {
    ill: { lists: { rules: [awsRule('in tcp 443 pl-1')] } },
    says: /^1 rule for 1 prefix list without entries here \(pl-1\)/,
    command: /^mkdir -p inv\/prefix-list-entries$/,
    well: { lists: { rules: [awsRule('in tcp 443 pl-1')], entries: { 'pl-1': ['192.0.2.0/24'] } } },
    also: ['inventoryProblems'],
  },
  absentGroups: {
    ill: { lists: { rules: [awsRule('in tcp 443 sg-9')] } },
    says: /^1 rule for 1 group that is not in the inventory \(sg-9; of 111122223333\)/,
    command: /--profile THEIRS$/,
    well: { lists: { rules: [awsRule('in tcp 443 sg-1')] } },
  },
  foreignAccounts: {
    ill: { sample: { accounts: new Set(['111122223333', '999999999999']) } },
    says: /^The logs are also of 1 account without an inventory \(999999999999\)/,
    command: /--profile THEIRS$/,
    well: { sample: { accounts: new Set() } },
  },
  foreignVpcs: {
    ill: { sample: { vpcs: new Set(['vpc-1', 'vpc-9']) } },
    says: /^The logs are also of 1 VPC that the inventory does not have \(vpc-9\)/,
    command: /--region REGION$/,
    well: { sample: { vpcs: new Set() } },
  },
  unreadableLines: {
    ill: { sample: { malformed: 11, firstMalformed: 'a.log:7: srcport "x" is not a number' } },
    says: /^1\.1 % of the sampled lines cannot be read, the first: a\.log:7: srcport "x" is not a number\./,
    command: /^aws s3 cp /,
    well: { sample: { malformed: 10 } },
  },
  filesNotRead: {
    ill: { logs: { notRead: ['logs/a.txt'] } },
    says: /^1 file may be logs by their names, and would not be read: logs\/a\.txt\./,
    command: /^mv logs\/a\.txt logs\/a\.txt\.log$/,
    well: {},
  },
  oneSnapshot: {
    ill: { remembers: false },
    says: /^One snapshot stands for all days/,
    command: /^npx stale-sg snapshot --out SNAPSHOTS\/\$\(date/,
    well: { remembers: true },
    also: ['noHistory'],
  },
  coarseWindows: {
    ill: { sample: { longestWindow: 600 } },
    says: /^Records sum up to 10 minutes/,
    command: /--max-aggregation-interval 60 /,
    well: { sample: { longestWindow: 90 } },
  },
  unnamedFiles: {
    ill: { logs: { unnamed: 3 } },
    says: /^3 of 2,160 files have no name as AWS gives it/,
    command: /^aws s3 sync /,
    well: {},
  },
  filesPutTogether: {
    // One file a day, which holds all of it.
    ill: { logs: daysOf({ 5: 1, 6: 1 }), sample: { putTogether: new Set(['fl-1']) } },
    says: /^Files of 1 flow log \(fl-1\) hold hours of records/,
    command: /^aws s3 sync /,
    well: {},
  },
  quietInterfaces: {
    ill: { lists: { interfaces: [eni('eni-1'), eni('eni-2')] } },
    says: /^1 interface with groups had no record in the sample, which may have missed it \(eni-2\)/,
    command: /--network-interface-ids eni-2$/,
    well: { lists: { interfaces: [eni('eni-1'), eni('eni-2', { Groups: [] })] } },
  },
  inventoryProblems: {
    ill: { lists: { rules: [awsRule('in tcp 443 0.0.0.0/0', { GroupId: 'sg-7' })] } },
    says: /^1 thing in the inventory looked wrong, the first: .*sg-7/,
    well: {},
  },
  otherLogs: {
    ill: { sample: { otherLogs: ['logs/tgw.log'] } },
    says: /^1 file of the sample is of transit gateways or Cloud WAN, and left out: logs\/tgw\.log\./,
    well: {},
  },
};

function both(): Map<string, number> {
  return new Map([['eni-1', 800]]);
}

function lacking(field: 'tcp-flags' | 'log-status' | 'pkt-srcaddr' | 'flow-direction' | 'vpc-id', says: RegExp) {
  return {
    ill: { sample: { lacking: new Map([[field, 96]]) } },
    says,
    command: /--resource-ids vpc-1 /,
    well: { sample: { lacking: new Map([['account-id' as const, 96]]) } },
  };
}

const kindsOf = (changes: Changes): string[] => inputCheckup(inputFactsOf(changes)).ailments.map(({ kind }) => kind);

test('an input in which nothing ails', () => {
  const { ailments, next, facts } = inputCheckup(inputFactsOf({}));
  expect({ ailments, next }).toEqual({ ailments: [], next: null });
  expect(facts.map(({ value }) => value)).toEqual([
    '1 rule, 1 group, 1 interface, 1 snapshot',
    '2,160 files, 90 MB: 2026-01-12 to 2026-04-11, 90 of 90 days whole',
    '1,000 records of 96 files',
    expect.stringMatching(/^analyze takes about 13 seconds of one processor: 7\.4 MB of packed logs a second/),
  ]);
});

eachAilment(INPUT_AILMENTS, ROWS, (changes) => inputCheckup(inputFactsOf(changes)));

test('every table has the worst first', () => {
  for (const table of [INPUT_AILMENTS, ACCOUNT_AILMENTS, DEPLOYMENT_AILMENTS]) {
    const order = Object.values(table).map((severity) => SEVERITIES.indexOf(severity));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  }
});

test('the worst first', () => {
  const { ailments } = inputCheckup(
    inputFactsOf({
      whole: 3,
      remembers: false,
      sample: { accepted: 0, otherLogs: ['x'], lacking: new Map([['vpc-id', 1]]) },
    }),
  );
  expect(ailments.map(({ kind }) => kind)).toEqual([
    'onlyRejects',
    'fewerThan30Days',
    'noHistory',
    'oneSnapshot',
    'lacksVpcId',
    'otherLogs',
  ]);
  expect(ailments.map(({ severity }) => SEVERITIES.indexOf(severity))).toEqual([0, 1, 1, 2, 2, 2]);
});

test.each([
  [29, { on: '2026-02-10', what: expect.stringMatching(/^30 whole days/) }],
  [30, { on: '2026-04-11', what: expect.stringMatching(/^90 whole days/) }],
  [90, null],
])('the next better answer after %d whole days', (whole, next) => {
  expect(inputCheckup(inputFactsOf({ whole })).next).toEqual(next);
});

test('a flow log that others stand in for may lack hours', () => {
  const { logs } = inputFactsOf({});
  const days = new Map([...logs.days].map(([day, ofDay]) => [day, new Map([...ofDay, ['fl-2', heard(2)]])]));
  const lists = { flowLogs: [flowLog('fl-1'), flowLog('fl-2', { ResourceId: 'subnet-1' })] };
  expect(kindsOf({ lists, logs: { days } })).toEqual([]);
  const apart = { flowLogs: [flowLog('fl-1', { ResourceId: 'subnet-9' }), flowLog('fl-2')] };
  expect(kindsOf({ lists: apart, logs: { days } })).toEqual(['missingHours']);
});

test('files without names of AWS: days are those of the sample', () => {
  const sample = { days: new Set([FIRST, FIRST + 2]) };
  const { facts } = inputCheckup(inputFactsOf({ logs: { days: new Map(), unnamed: 2160 }, sample }));
  expect(facts[1]!.value).toMatch(/2026-01-12 to 2026-01-14, 2 of 3 days whole$/);
});
