/** What is counted beside rules: which logs were heard, which references were proven, what is of other accounts. */
import { describe, expect, test } from '@jest/globals';
import { Attribution, type RecordOrigin } from '../../../shared/attribution/attribution.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { dayOf, isoTime } from '../../../shared/time.ts';
import { emptyUsage, type Fate, type Usage } from '../../../shared/usage/usage.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { ALL_COLUMNS, toFiles, toText } from '../../oracle/random-world.ts';
import { inventoryOf } from '../../oracle/row.ts';
import { ACCOUNT, END, recordOf } from '../../oracle/shorthand.ts';
import { noDuplicates } from '../../../shared/attribution/duplicate-log.ts';
import { emptyLogDay, TOLD } from '../../../shared/usage/log-days.ts';
import { fateOf } from './fate-of.ts';

const DAY = dayOf(END);
const RULES = [
  'r1 sg-web in tcp 22 sg-db',
  'r2 sg-web in tcp 80 10.0.0.0/8',
  'r3 sg-web in tcp 80 sg-db',
  'r4 sg-web out tcp 80 10.9.9.9/32',
];
const SYN = 'eni-a in tcp 10.0.0.20:50000 > 10.0.0.10:22 flags=2';
/** Admitted by r2, a CIDR, and by r3, which names the group. */
const SYN_TO_BOTH = SYN.replace(':22 ', ':80 ');
const NOBODY: RecordOrigin = { flowLogId: undefined, isDuplicate: noDuplicates };

interface Setting {
  readonly subnets?: Readonly<Record<string, string>>;
  /** UNIX seconds by interface. */
  readonly attached?: Readonly<Record<string, number>>;
  /** An interface of the VPC that has the address of `eni-b`, too. */
  readonly taken?: 'eni-c';
  /** Whether that one has a group that no rule names. */
  readonly other?: boolean;
  readonly flowLogs?: readonly object[];
  readonly associations?: readonly object[];
  /** Of all groups. */
  readonly ownerId?: string;
}

function count(
  records: readonly string[],
  {
    subnets = {},
    attached = {},
    taken,
    other = false,
    flowLogs = [],
    associations = [],
    ownerId = ACCOUNT,
  }: Setting = {},
  origin: RecordOrigin = NOBODY,
): { usage: Usage; fates: Fate[]; attribution: Attribution } {
  const plain = inventoryOf({
    rules: RULES,
    interfaces: [
      `eni-c vpc-1 ${other ? 'sg-two' : 'sg-db'} ${taken === 'eni-c' ? '10.0.0.20' : '10.0.0.40'}`,
      'eni-z vpc-2 sg-two 10.0.0.20',
    ],
  });
  const networkInterfaces = plain.networkInterfaces.map((one) => ({
    ...one,
    SubnetId: subnets[one.NetworkInterfaceId] ?? 'subnet-1',
    Attachment: { AttachTime: isoTime(attached[one.NetworkInterfaceId] ?? 0) },
  }));
  const securityGroups = plain.securityGroups.map((group) => ({ ...group, OwnerId: ownerId }));
  const inventory = inventoryOfFiles({
    ...toFiles({ ...plain, networkInterfaces, securityGroups }),
    'flow-logs.json': { FlowLogs: flowLogs },
    'security-group-vpc-associations.json': { SecurityGroupVpcAssociations: associations },
  });
  const usage = emptyUsage();
  const attribution = new Attribution(new CompiledInventory(inventory), usage);
  const fates: Fate[] = [];
  const reader = new TextReader({
    record: (record) => fates.push(fateOf(attribution, usage, record, origin)),
    malformed: (_, reason) => {
      throw new Error(reason);
    },
  });
  reader.push(Buffer.from(toText(records.map(recordOf), ALL_COLUMNS)));
  reader.end();
  attribution.finish();
  return { usage, fates, attribution };
}

describe('a reference to a group is proven', () => {
  const provenBy = (record: string, subnets?: Readonly<Record<string, string>>): number[] =>
    [...count([record], { ...(subnets && { subnets }) }).usage.admittingSets.values()].map((set) => set.provenTimes);

  test.each([
    ['by a SYN from an interface of the same subnet, admitted by nothing else', SYN, undefined, [1]],
    ['not by an interface of another subnet', SYN, { 'eni-b': 'subnet-2' }, [0]],
    ['not without flags', SYN.replace('flags=2', 'flags=0'), undefined, [0]],
    ['not by an answer', 'eni-a out tcp 10.0.0.10:22 > 10.0.0.20:50000 flags=18', undefined, [0]],
    [
      'nor by one that a CIDR admits too, of which only that it stayed in the subnet is told',
      SYN_TO_BOTH,
      undefined,
      [1],
    ],
    ['and not where it came from another subnet', SYN_TO_BOTH, { 'eni-b': 'subnet-2' }, [0]],
    ['also without flags where a CIDR admits it too', SYN_TO_BOTH.replace('flags=2', 'flags=0'), undefined, [1]],
    ['not by a CIDR alone', 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:80 flags=2', undefined, [0]],
    [
      'nor by one that admits an interface of the subnet',
      SYN_TO_BOTH.replace('10.0.0.20', '10.0.0.11'),
      undefined,
      [0],
    ],
    ['not by an address that no interface has', SYN.replace('10.0.0.20', '10.0.0.77'), undefined, [0]],
  ])('%s', (_, record, subnets, times) => {
    expect(provenBy(record, subnets)).toEqual(times);
  });

  test('of each peer anew, though what an answer says of the rules was seen before a request', () => {
    const answer = 'eni-a out tcp 10.0.0.10:22 > 10.0.0.20:50000 flags=18';
    const records = [answer, SYN].flatMap((one) => [one, one.replace('10.0.0.20', '10.0.0.40')]);
    const ordered = [records[0]!, records[2]!, records[1]!, records[3]!];
    const { usage } = count(ordered, { subnets: { 'eni-c': 'subnet-2' } });
    expect([...usage.admittingSets.values()]).toMatchObject([{ requests: 2, replies: 2, provenTimes: 1 }]);
  });
});

describe('an address that an interface was given after the record', () => {
  const START = END - 60;
  const later = { attached: { 'eni-b': START + 1 } };
  const plain = SYN.replace('flags=2', 'flags=0');

  test.each<[why: string, record: string, setting: Setting, fate: Fate, rules: readonly string[]]>([
    ['is no member’s yet', plain, later, 'possible', []],
    ['nor is it in an answer', 'eni-a out tcp 10.0.0.10:22 > 10.0.0.20:50000 flags=0', later, 'possible', []],
    [
      'is no member’s yet, though another interface’s elsewhere',
      plain,
      { attached: { ...later.attached, 'eni-z': START } },
      'possible',
      [],
    ],
    [
      'is so from the second on in which it was attached',
      plain,
      { attached: { 'eni-b': START } },
      'attributed',
      ['r1'],
    ],
  ])('%s', (_why, record, setting, fate, rules) => {
    const { usage, fates } = count([record], setting);
    expect(fates).toEqual([fate]);
    const used = [...usage.rules].filter(([, days]) => days.get(DAY)!.usedTimes > 0).map(([ruleId]) => ruleId);
    expect(used).toEqual(rules);
  });

  test.each<[why: string, setting: Setting, possible: readonly string[]]>([
    ['may have been its before: the group’s rule is possible beside one that admits', later, ['r3']],
    ['was another’s of the VPC that had it then', { attached: { 'eni-b': START + 1, 'eni-z': 0 }, taken: 'eni-c' }, []],
  ])('%s', (_why, setting, rules) => {
    // Nobody is known to have the first one's, so that nothing tells it from that of a member.
    const { usage, fates } = count([SYN_TO_BOTH.replace('10.0.0.20', '10.0.0.77'), SYN_TO_BOTH], setting);
    expect(fates).toEqual(['attributed', 'attributed']);
    const possible = [...usage.rules]
      .filter(([, days]) => days.get(DAY)!.possibleTimes === 1)
      .map(([ruleId]) => ruleId);
    expect(possible).toEqual(rules);
  });

  test('and had by two of one VPC: the group’s rule is credited, and possible, so that it stands in for nobody', () => {
    const { usage, fates } = count([SYN_TO_BOTH], {
      taken: 'eni-c',
      attached: { 'eni-b': 0, 'eni-c': 0 },
      other: true,
    });
    expect(fates).toEqual(['attributed']);
    const told = [...usage.rules].map(([id, days]) => [id, days.get(DAY)!.usedTimes, days.get(DAY)!.possibleTimes]);
    expect(told.sort()).toEqual([
      ['r2', 1, 0],
      ['r3', 1, 1],
    ]);
  });

  test('proves nothing of the group that has it now', () => {
    const provenIn = (setting: Setting) =>
      [...count([SYN], setting).usage.admittingSets.values()].map(({ ruleIds, provenTimes }) => [
        ...ruleIds,
        provenTimes,
      ]);
    expect([provenIn({}), provenIn(later)]).toEqual([[['r1', 1]], [['r1', 0]]]);
  });

  test.each([
    ['that came from it', 'eni-x - tcp 10.0.0.20:50000 > 10.9.9.9:80', ['r2', 'r3'], ['r2', 'r3', 'r4']],
    ['that went to it', 'eni-x - tcp 10.9.9.9:80 > 10.0.0.20:50000', ['r2', 'r3'], ['r2', 'r3', 'r4']],
  ])('is not its peer’s, where the record, %s, is an unknown interface’s', (_, record, now, before) => {
    const rulesOf = (setting: Setting): string[] => [...count([record], setting).usage.rules.keys()].sort();
    expect([rulesOf({}), rulesOf(later)]).toEqual([now, before]);
  });
});

describe('a record set aside', () => {
  const setAside = (record: string): string[] => {
    const { usage, fates } = count([record], {}, { flowLogId: 'fl-1', isDuplicate: () => true });
    expect(fates).toEqual(['duplicateLog']);
    return [...usage.rules].map(([ruleId, days]) => `${ruleId} ${String(days.get(DAY)?.setAsideTimes)}`).sort();
  };

  test.each([
    ['of the rules that it would be credited to', SYN_TO_BOTH, ['r2 1', 'r3 1']],
    ['of the one that it may answer too', 'eni-a in tcp 10.9.9.9:80 > 10.0.0.10:80 flags=0', ['r2 1', 'r4 1']],
    ['of none where it was rejected', `${SYN} action=REJECT`, []],
  ])('is kept in mind %s', (_, record, rules) => {
    expect(setAside(record)).toEqual(rules);
  });
});

describe('of a flow log is kept', () => {
  const origin: RecordOrigin = { flowLogId: 'fl-1', isDuplicate: noDuplicates };

  test('in which hours records of any kind ended, and how many lines', () => {
    const records = [
      SYN,
      `eni-x in tcp 10.9.9.9:50000 > 10.0.0.88:22 end=${END + 3599}`,
      `eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:23 action=REJECT end=${END + 3600}`,
      `eni-a - - - > - log-status=NODATA action=- end=${END + 7200}`,
      `eni-c - - - > - log-status=SKIPDATA action=- end=${END - 1}`,
    ];
    const { usage } = count(records, {}, origin);
    const hours = [11, 12, 13, 14].reduce((mask, hour) => mask | (1 << hour), 0);
    expect([...usage.logs]).toEqual([
      [
        'fl-1',
        new Map([[DAY, { ...emptyLogDay(), hours, told: TOLD.tcpFlags | TOLD.flowDirection, lines: 5, malformed: 0 }]]),
      ],
    ]);
    const toldOf = [...usage.interfaces].map(([id, days]) => [id, [...(days.get(DAY)?.logs ?? [])]]);
    expect(toldOf).toEqual([
      ['eni-a', ['fl-1']],
      ['eni-c', ['fl-1']],
    ]);
  });

  test('what could not be read, on the day of the name, else of the record before, else on none', () => {
    const { usage, attribution } = count([SYN], {}, origin);
    attribution.malformed(origin, DAY + 1, 2);
    attribution.malformed(origin, undefined);
    attribution.malformed({ flowLogId: 'fl-2' }, undefined);
    expect([...usage.logs]).toEqual([
      [
        'fl-1',
        new Map([
          [DAY, { ...emptyLogDay(), hours: 1 << 12, told: TOLD.tcpFlags | TOLD.flowDirection, lines: 1, malformed: 0 }],
          [DAY + 1, { ...emptyLogDay(), lines: 3, malformed: 3 }],
        ]),
      ],
    ]);
    expect(usage.fates.malformed).toBe(4);
  });
});

describe('a record of another account', () => {
  const OTHER = 'account-id=222222222222';
  const UNKNOWN = `eni-x in tcp 10.9.9.9:50000 > 10.0.0.88:22 ${OTHER}`;
  const PATH = { accountId: '222222222222' };
  const log = (ResourceId: string): object => ({
    FlowLogId: 'fl-1',
    ResourceId,
    TrafficType: 'ALL',
    FlowLogStatus: 'ACTIVE',
  });

  test.each<[string, string, Partial<RecordOrigin>, readonly object[], Fate]>([
    ['by its account and its VPC', `${UNKNOWN} vpc-id=vpc-9`, {}, [], 'otherAccount'],
    ['not in a VPC of the inventory', `${UNKNOWN} vpc-id=vpc-1`, PATH, [], 'unknownInterface'],
    [
      'not where its account is the inventory’s',
      `${UNKNOWN.replace(OTHER, 'account-id=111111111111')} vpc-id=vpc-9`,
      {},
      [],
      'unknownInterface',
    ],
    [
      'not where its account is not told',
      `${UNKNOWN.replace(OTHER, 'account-id=unknown')} vpc-id=vpc-9`,
      {},
      [],
      'unknownInterface',
    ],
    ['not where its interface is known', `${SYN} ${OTHER} vpc-id=vpc-9`, {}, [], 'attributed'],
    ['by the VPC of its flow log', UNKNOWN, { flowLogId: 'fl-1' }, [log('vpc-9')], 'otherAccount'],
    ['not by a flow log of a VPC here', UNKNOWN, { flowLogId: 'fl-1', ...PATH }, [log('vpc-1')], 'unknownInterface'],
    ['nor by one of a subnet here', UNKNOWN, { flowLogId: 'fl-1', ...PATH }, [log('subnet-1')], 'unknownInterface'],
    ['by the account in the path, where nothing tells the VPC', UNKNOWN, PATH, [], 'otherAccount'],
    ['not by a path of the inventory’s account', UNKNOWN, { accountId: '111111111111' }, [], 'unknownInterface'],
    ['not where nothing tells', UNKNOWN, {}, [], 'unknownInterface'],
    ['also where it was rejected', `${UNKNOWN} vpc-id=vpc-9 action=REJECT`, {}, [], 'otherAccount'],
    [
      'not where it holds nothing',
      `eni-x - - - > - ${OTHER} vpc-id=vpc-9 log-status=NODATA action=-`,
      {},
      [],
      'noData',
    ],
  ])('%s', (_, record, origin, flowLogs, fate) => {
    expect(count([record], { flowLogs }, { ...NOBODY, ...origin }).fates).toEqual([fate]);
  });

  test('not where the inventory names no account', () => {
    expect(count([`${UNKNOWN} vpc-id=vpc-9`], { ownerId: '' }).fates).toEqual(['unknownInterface']);
  });

  test('not in a VPC that a group here is associated with', () => {
    const associations = [{ GroupId: 'sg-db', VpcId: 'vpc-9', State: 'associated' }];
    expect(count([`${UNKNOWN} vpc-id=vpc-9`], { associations }).fates).toEqual(['unknownInterface']);
  });
});

test('a rule gets the sums of all answers that it is in', () => {
  const { usage } = count([SYN_TO_BOTH, SYN_TO_BOTH, SYN_TO_BOTH.replace('10.0.0.20', '10.9.9.9')]);
  const { usedTimes, soleTimes, primaryTimes, hours, ports } = usage.rules.get('r2')!.get(DAY)!;
  expect([usedTimes, soleTimes, primaryTimes, hours.filter((times) => times > 0)]).toEqual([3, 1, 1, [3]]);
  expect([...ports].map(([key, use]) => [key, use.usedTimes])).toEqual([['6 80', 3]]);
  expect(usage.rules.get('r3')!.get(DAY)!.ports.get('6 80')!.usedTimes).toBe(2);
});
