/**
 * What is counted beside the rules: what was seen of each interface, records of unknown interfaces, rejected traffic,
 * first and last time. Against a recount from the files as text, and the truth.
 */
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { Attribution } from '../../shared/attribution/attribution.ts';
import { readText } from '../../shared/flowlogs/read-text.ts';
import { TextReader } from '../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { emptyUsage, noteFileIn, type Usage } from '../../shared/usage/usage.ts';
import { inventoryOfFiles } from '../oracle/core.ts';
import { ALL_COLUMNS, toFiles, toText } from '../oracle/random-world.ts';
import { inventoryOf } from '../oracle/row.ts';
import { END, recordOf } from '../oracle/shorthand.ts';
import {
  type Fields,
  logFiles,
  readJson,
  removeScratchFolders,
  type Truth,
} from '../services/generate-account/generated.ts';
import { account, readWithTruth, type Account } from './account.ts';
import { flowLogFileName, flowLogIdOf } from '../../shared/flowlogs/file-name.ts';
import { heardLogs } from '../../services/command-line/files/heard-logs.ts';
import { duplicatesAmong, noDuplicates } from '../../shared/attribution/duplicate-log.ts';

afterAll(removeScratchFolders);
jest.setTimeout(120_000);

interface Line {
  readonly record: Fields;
  readonly truth: Truth;
  readonly owner: { readonly PrivateIpAddress: string; readonly VpcId: string } | undefined;
  /** The only one of the account. */
  readonly vpcId: string;
}

const dayOf = ({ record }: Line): number => Math.floor(Number(record.end) / 86_400);
const fieldOf = ({ record }: Line, name: string): string => record[name] ?? '-';

async function linesOf({ out }: Account): Promise<Line[]> {
  const { NetworkInterfaces } = readJson(out, 'inventory/network-interfaces.json') as {
    NetworkInterfaces: { NetworkInterfaceId: string; PrivateIpAddress: string; VpcId: string }[];
  };
  const owners = new Map(NetworkInterfaces.map((one) => [one.NetworkInterfaceId, one]));
  const files = await logFiles(out);
  return files.flatMap(({ records, truths }) =>
    records.map((record, i) => {
      const owner = owners.get(record['interface-id']!);
      return { record, truth: truths[i]!, owner, vpcId: NetworkInterfaces[0]!.VpcId };
    }),
  );
}

/** The entries of nested maps, in order, so that they compare whatever the order they came in. */
function flat<V>(map: ReadonlyMap<string, ReadonlyMap<number, V>>): [string, V][] {
  const entries = [...map].flatMap(([outer, inner]) =>
    [...inner].map(([day, one]): [string, V] => [`${outer} ${day}`, one]),
  );
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

function grouped<V>(lines: readonly Line[], keyOf: (line: Line) => string, sum: (some: Line[]) => V): [string, V][] {
  const groups = [...Map.groupBy(lines, keyOf)].map(([key, some]): [string, V] => [key, sum(some)]);
  return groups.sort(([a], [b]) => (a < b ? -1 : 1));
}

const count = (lines: readonly Line[], is: (line: Line) => boolean): number => lines.filter(is).length;
const isOk = (line: Line): boolean => fieldOf(line, 'log-status') === 'OK';
const isAccepted = (line: Line): boolean => isOk(line) && fieldOf(line, 'action') === 'ACCEPT';

/** The rejected traffic of a line: who, which way, what, with whom, why. */
function rejectedFlowOf(line: Line): string {
  const { record, owner } = line;
  const isEgress = record['flow-direction']
    ? record['flow-direction'] === 'egress'
    : record.srcaddr === owner?.PrivateIpAddress;
  const packet = fieldOf(line, isEgress ? 'pkt-dstaddr' : 'pkt-srcaddr');
  const peer = packet === '-' ? fieldOf(line, isEgress ? 'dstaddr' : 'srcaddr') : packet;
  const reason = fieldOf(line, 'reject-reason').replace('-', '');
  const way = isEgress ? 'egress' : 'ingress';
  return [record['interface-id'], way, record.protocol, peer, record.dstport, reason].join(' ');
}

const ACCOUNTS = [
  { format: 'v5', seed: 51, records: 2500, minutes: 3000, deliveryMinutes: 60 },
  { format: 'v2', seed: 52, records: 1500, minutes: 1500, deliveryMinutes: 60 },
  { format: 'all', seed: 53, records: 1500, minutes: 60 },
] as const;

/** Each part as the program has it, and as the recount has it. */
interface Both<V> {
  readonly said: [string, V][];
  readonly expected: [string, V][];
}

/** What was seen of each interface on each day; duplicates say nothing. */
function interfaceDays(usage: Usage, lines: readonly Line[]): Both<object> {
  const known = lines.filter(({ owner, truth }) => owner && truth.setAside !== 'duplicateLog');
  const expected = grouped(
    known,
    (line) => `${line.record['interface-id']!} ${dayOf(line)}`,
    (some) => ({
      records: some.length,
      accepted: count(some, isAccepted),
      noData: count(some, (line) => fieldOf(line, 'log-status') === 'NODATA'),
      skipData: count(some, (line) => fieldOf(line, 'log-status') === 'SKIPDATA'),
    }),
  );
  const said = flat(usage.interfaces).map(([key, day]): [string, object] => {
    const { records, accepted, noData, skipData } = day;
    return [key, { records, accepted, noData, skipData }];
  });
  // Those of which only a duplicate log told have nothing but its name.
  return { said: said.filter(([, counts]) => Object.values(counts).some((times) => times > 0)), expected };
}

const isUnknown = (line: Line): boolean => !line.owner && isAccepted(line);

/** Accepted records of unknown interfaces, by VPC and day. */
function unknownAccepted(usage: Usage, lines: readonly Line[]): Both<object> {
  const expected = grouped(
    lines.filter(isUnknown),
    // The account has one VPC, which its flow logs tell where records do not.
    (line) => `${fieldOf(line, 'vpc-id').replace(/^-$/, line.vpcId)} ${dayOf(line)}`,
    (some) => ({ records: some.length }),
  );
  return { said: flat(usage.unknownAccepted), expected };
}

function rejectedFlows(usage: Usage, lines: readonly Line[]): Both<object> {
  const rejected = lines.filter(({ truth }) => truth.setAside === 'rejected');
  const expected = grouped(rejected, rejectedFlowOf, (some) => ({
    times: some.length,
    lastSeen: Math.max(...some.map(({ record }) => Number(record.end))),
  }));
  const said = usage.rejected.entries().map(([, flow]): [string, object] => {
    const { interfaceId, direction, protocol, peer, port, reason, times, lastSeen } = flow;
    return [[interfaceId, direction, protocol, peer, port, reason].join(' '), { times, lastSeen }];
  });
  return { said: said.sort(([a], [b]) => (a < b ? -1 : 1)), expected };
}

/** As `readWithTruth` counts, but the sums are written out again and again. */
async function countedInParts({ inventory, files }: Account): Promise<Usage> {
  const usage = emptyUsage();
  const attribution = new Attribution(new CompiledInventory(inventory), usage);
  const logsOn = await heardLogs(files, [inventory]);
  let records = 0;
  for (const file of files) {
    const flowLogId = flowLogIdOf(file.name);
    const origin = { flowLogId, isDuplicate: duplicatesAmong(flowLogId, logsOn) };
    await readText(file.chunks(), {
      record: (record) => {
        attribution.add(record, origin);
        if (++records % 211 === 0) attribution.finish();
      },
      malformed: () => {},
    });
    noteFileIn(usage.logs, flowLogFileName(file.name)!);
  }
  attribution.finish();
  return usage;
}

describe.each(ACCOUNTS)('an account of $minutes minutes in $format', (options) => {
  // One test, in which all happens: the mutation tests ask which test runs which line.
  test('has the figures of the recount', async () => {
    const made = await account(options);
    const lines = await linesOf(made);
    const usage = await readWithTruth(made, () => {});

    const days = interfaceDays(usage, lines);
    expect(days.said).toEqual(days.expected);
    expect(days.expected.length).toBeGreaterThan(15 * Math.ceil(options.minutes / 1440));

    const unknown = unknownAccepted(usage, lines);
    expect(unknown.said).toEqual(unknown.expected);
    const ids = new Set(lines.filter(isUnknown).map(({ record }) => record['interface-id']!));
    const saidIds = usage.unknownInterfaces.entries().map(([, id]) => id);
    expect(saidIds.sort()).toEqual([...ids].sort());
    expect(ids.size).toBeGreaterThan(0);

    const rejected = rejectedFlows(usage, lines);
    expect(rejected.said).toEqual(rejected.expected);
    expect(rejected.expected.length).toBeGreaterThan(20);

    const ends = lines.map(({ record }) => Number(record.end));
    expect([usage.firstEnd, usage.lastEnd]).toEqual([Math.min(...ends), Math.max(...ends)]);

    expect(await countedInParts(made)).toEqual(usage);
  });
});

/** A few records of the hand-worked rows' account. */
function counted(...records: readonly string[]): Usage {
  const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules: ['r1 sg-web in tcp 22-22 10.0.0.0/8'] })));
  const usage = emptyUsage();
  const attribution = new Attribution(new CompiledInventory(inventory), usage);
  const origin = { flowLogId: undefined, isDuplicate: noDuplicates };
  const reader = new TextReader({
    record: (record) => attribution.add(record, origin),
    malformed: (_line, reason) => {
      throw new Error(reason);
    },
  });
  reader.push(Buffer.from(toText(records.map(recordOf), ALL_COLUMNS)));
  reader.end();
  attribution.finish();
  return usage;
}

describe('rejected traffic', () => {
  const IN = 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:23 action=REJECT';
  const flowsOf = (...records: readonly string[]): string[] =>
    counted(...records)
      .rejected.entries()
      .map(([, flow]) => flow)
      .map(({ direction = 'no direction', peer, port, protocol, reason, times, interfaceId, lastSeen }) =>
        `${interfaceId} ${direction} ${protocol} ${peer} ${port} ${reason}: ${times} until ${lastSeen - END}`.replace(
          '  ',
          ' ',
        ),
      )
      .sort();

  test.each<[why: string, records: string[], flows: string[]]>([
    [
      'one flow from two of its client’s ports',
      [IN, IN.replace('50000', '50001')],
      ['eni-a ingress 6 10.9.9.9 23 : 2 until 0'],
    ],
    [
      'the latest end counts, whichever comes first',
      [`${IN} end=${END + 5}`, `${IN} end=${END + 9}`, `${IN} end=${END - 5}`],
      ['eni-a ingress 6 10.9.9.9 23 : 3 until 9'],
    ],
    [
      'another port, peer, protocol, interface, direction or reason is another flow',
      [
        IN,
        IN.replace(':23', ':24'),
        IN.replace('10.9.9.9', '10.9.9.8'),
        IN.replace('tcp', 'udp'),
        IN.replace('eni-a', 'eni-b'),
        'eni-a out tcp 10.0.0.10:50000 > 10.9.9.9:23 action=REJECT',
        `${IN} reject-reason=BPA`,
        'eni-a in tcp [2001:db8::1]:50000 > [2001:db8::10]:23 action=REJECT',
        'eni-a in tcp [2001:db8::1:0:0:1]:50000 > [2001:db8::10]:23 action=REJECT',
        'eni-a in tcp [2001:db8::1:0:1]:50000 > [2001:db8::10]:23 action=REJECT',
        'eni-a in tcp [2001:db8:1::1]:50000 > [2001:db8::10]:23 action=REJECT',
      ],
      [
        'eni-a egress 6 10.9.9.9 23 : 1 until 0',
        'eni-a ingress 17 10.9.9.9 23 : 1 until 0',
        'eni-a ingress 6 10.9.9.8 23 : 1 until 0',
        'eni-a ingress 6 10.9.9.9 23 : 1 until 0',
        'eni-a ingress 6 10.9.9.9 23 BPA: 1 until 0',
        'eni-a ingress 6 10.9.9.9 24 : 1 until 0',
        'eni-a ingress 6 2001:db8:1::1 23 : 1 until 0',
        'eni-a ingress 6 2001:db8::1 23 : 1 until 0',
        'eni-a ingress 6 2001:db8::1:0:0:1 23 : 1 until 0',
        'eni-a ingress 6 2001:db8::1:0:1 23 : 1 until 0',
        'eni-b ingress 6 10.9.9.9 23 : 1 until 0',
      ],
    ],
    [
      'the packet’s own peer, where the log shows it',
      [`${IN} pkt-srcaddr=192.0.2.1`, 'eni-a out tcp 10.0.0.10:5 > 10.9.9.9:23 action=REJECT pkt-dstaddr=192.0.2.2'],
      ['eni-a egress 6 192.0.2.2 23 : 1 until 0', 'eni-a ingress 6 192.0.2.1 23 : 1 until 0'],
    ],
    [
      'by the addresses where the log does not show the direction',
      ['eni-a - tcp 10.0.0.10:5 > 10.9.9.9:23 action=REJECT', 'eni-a - tcp 10.9.9.9:5 > 10.0.0.10:23 action=REJECT'],
      ['eni-a egress 6 10.9.9.9 23 : 1 until 0', 'eni-a ingress 6 10.9.9.9 23 : 1 until 0'],
    ],
    [
      'an interface that nobody knows: the direction the log shows, or none, and then the source is taken for the peer',
      ['eni-x out tcp 10.1.1.1:5 > 10.9.9.9:23 action=REJECT', 'eni-x - tcp 10.1.1.1:5 > 10.9.9.9:23 action=REJECT'],
      ['eni-x egress 6 10.9.9.9 23 : 1 until 0', 'eni-x no direction 6 10.1.1.1 23 : 1 until 0'],
    ],
    [
      'a known interface whose addresses are not in the record',
      ['eni-a - tcp 10.1.1.1:5 > 10.9.9.9:23 action=REJECT'],
      ['eni-a no direction 6 10.1.1.1 23 : 1 until 0'],
    ],
    [
      'protocols without ports have port 0, whatever the log shows',
      ['eni-a in icmp 10.9.9.9:8 > 10.0.0.10:8 action=REJECT', 'eni-a in 50 10.9.9.9 > 10.0.0.10 action=REJECT'],
      ['eni-a ingress 1 10.9.9.9 0 : 1 until 0', 'eni-a ingress 50 10.9.9.9 0 : 1 until 0'],
    ],
  ])('%s', (_, records, flows) => {
    expect(flowsOf(...records)).toEqual(flows);
  });
});

describe('accepted records of unknown interfaces', () => {
  test('are counted for the VPC that the log names, for none, or for one that nobody knows', () => {
    const stranger = 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.10:22';
    const { unknownAccepted, unknownInterfaces } = counted(
      `${stranger} vpc-id=vpc-1`,
      `${stranger} vpc-id=vpc-1`,
      `${stranger} vpc-id=vpc-1 end=${END + 86_400}`,
      stranger,
      `${stranger} vpc-id=vpc-9`,
      `${stranger} vpc-id=vpc-8`,
      `${stranger} vpc-id=vpc-1 action=REJECT`,
      `${stranger.replace('eni-x', 'eni-y')} vpc-id=vpc-2`,
    );
    const day = Math.floor(END / 86_400);
    expect(flat(unknownAccepted)).toEqual([
      [` ${day}`, { records: 1 }],
      [`elsewhere ${day}`, { records: 2 }],
      [`vpc-1 ${day}`, { records: 2 }],
      [`vpc-1 ${day + 1}`, { records: 1 }],
      [`vpc-2 ${day}`, { records: 1 }],
    ]);
    expect(unknownInterfaces.distinct).toBe(2);
  });
});
