import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Fields, generated, logFiles, removeScratchFolders, type Truth } from './generated.ts';

afterAll(removeScratchFolders);
jest.setTimeout(60_000);

interface Seen {
  readonly record: Fields;
  readonly truth: Truth;
  readonly flowLogId: string;
}

const time = (each: Seen): number => Number(each.record.start);
const flags = (each: Seen): number => Number(each.record['tcp-flags']);

describe.each([
  { records: 30_000, interfaces: 40, rules: 250 },
  { records: 12_000, hard: true, minutes: 3 * 1440, seed: 5, deliveryMinutes: 60 },
])('connections of %j', (options) => {
  let all: Seen[];
  /** Rows of one connection on one interface in one flow log, by time. */
  let groups: Seen[][];
  beforeAll(async () => {
    const { out } = await generated(options);
    const files = await logFiles(out);
    all = files.flatMap((file) =>
      file.records.map((record, i) => ({ record, truth: file.truths[i]!, flowLogId: file.flowLogId })),
    );
    const talk = all.filter(({ truth }) => truth.connection !== '0');
    const key = ({ record, truth, flowLogId }: Seen): string =>
      // The gateway sees a connection twice: from the VPC, and towards the internet.
      `${truth.connection} ${record['interface-id']} ${flowLogId} ${truth.setAside === 'noGroup' ? truth.peer : ''}`;
    groups = [...Map.groupBy(talk, key).values()].map((rows) => rows.sort((a, b) => time(a) - time(b)));
  });

  test('have rows whose addresses and ports are each other’s mirror', () => {
    const shapes = (rows: Seen[]): Set<string> =>
      new Set(
        rows.map(({ record, truth }) => {
          const source = `${record.srcaddr} ${record['pkt-srcaddr']} ${record.srcport}`;
          const destination = `${record.dstaddr} ${record['pkt-dstaddr']} ${record.dstport}`;
          const ends = truth.opened === 'request' ? [source, destination] : [destination, source];
          return `${ends.join(' > ')} ${record.protocol} ${record.type} ${record['subnet-id']}`;
        }),
      );
    expect(groups.filter((rows) => shapes(rows).size !== 1)).toEqual([]);
  });

  test('have requests and replies in opposite directions, and the service port at the server', () => {
    const wrong = groups.filter((rows) => {
      const ways = new Set(
        rows.map(({ record, truth }) => (truth.opened === 'request') === (record['flow-direction'] === 'egress')),
      );
      const ports = rows.filter(({ truth }) => truth.servicePort !== '');
      const server = (row: Seen) => (row.truth.opened === 'request' ? row.record.dstport : row.record.srcport);
      return ways.size !== 1 || ports.some((row) => server(row) !== row.truth.servicePort);
    });
    expect(wrong).toEqual([]);
  });

  test('have one row per window and direction', () => {
    const repeated = groups.filter(
      (rows) => new Set(rows.map(({ record, truth }) => `${record.start} ${truth.opened}`)).size !== rows.length,
    );
    expect(repeated).toEqual([]);
  });

  test('of one window and direction differ in address, port or protocol', () => {
    const tuple = ({ record, flowLogId }: Seen): string =>
      [
        flowLogId,
        ...[
          'interface-id',
          'srcaddr',
          'pkt-srcaddr',
          'dstaddr',
          'pkt-dstaddr',
          'srcport',
          'dstport',
          'protocol',
          'start',
          'action',
        ].map((name) => record[name]),
      ].join(' ');
    const talk = all.filter(({ truth }) => truth.connection !== '0');
    expect([...Map.groupBy(talk, tuple).values()].filter((rows) => rows.length > 1)).toEqual([]);
  });

  test('over TCP show SYN of the opener and SYN-ACK of the server in the first window only', () => {
    const odd = groups.filter((rows) => {
      const { truth, record } = rows[0]!;
      if (record.protocol !== '6' || record.action === 'REJECT') return false;
      const answered = rows.some((row) => row.truth.opened === 'reply' && flags(row) !== 4);
      if (!answered) return false;
      const hasSyn = rows.map((row) => (flags(row) & 2) !== 0);
      if (truth.kind === 'openBeforeTheLog') return hasSyn.includes(true);
      const isFirst = rows.map((row) => time(row) === time(rows[0]!));
      const isServer = rows.map((row) => (flags(row) & 18) === 18);
      return rows.some(
        (row, i) => hasSyn[i] !== isFirst[i] || isServer[i] !== (row.truth.opened === 'reply' && isFirst[i]),
      );
    });
    expect(odd).toEqual([]);
  });

  test('are decidable by one record as truth says', () => {
    const wrong = all.filter(({ record, truth }) => {
      if (truth.decidable === '') return record['log-status'] === 'OK';
      const hasPorts = record.protocol === '6' || record.protocol === '17';
      const expected = !hasPorts ? 'noPorts' : record.srcport === record.dstport ? 'equalPorts' : 'portsDiffer';
      return truth.decidable !== expected || (!hasPorts && (record.srcport !== '0' || record.dstport !== '0'));
    });
    expect(wrong).toEqual([]);
  });

  if ('hard' in options) return;

  test('show all the flags and lengths that AWS documents', () => {
    const byDirection = Map.groupBy(
      all.filter(({ record }) => record.protocol === '6'),
      ({ truth }) => truth.opened,
    );
    const seen = (opened: Truth['opened']) => [...new Set(byDirection.get(opened)!.map(flags))].sort((a, b) => a - b);
    expect(seen('request')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(seen('reply')).toEqual([0, 1, 4, 18, 19]);
    const lengths = new Set(groups.map((rows) => rows.filter((row) => row.truth.opened === 'request').length));
    for (const windows of [1, 2, 3, 20]) expect(Math.max(...lengths)).toBeGreaterThanOrEqual(windows);
    expect([...new Set(all.map(({ record }) => record['traffic-path']))].sort()).toEqual(['-', '1', '4', '7', '8']);
  });

  test('carry the same packets at both ends, where both are logged by the minute', () => {
    const sum = (rows: Seen[]): string =>
      ['request', 'reply']
        .map((opened) =>
          rows.filter((row) => row.truth.opened === opened).reduce((n, row) => n + Number(row.record.packets), 0),
        )
        .join(' ');
    const twoEnds = new Set(['webToApp', 'dns', 'grpcFromLowPorts', 'podToPod', 'nodeToControlPlane']);
    const inside = groups.filter(
      (rows) => twoEnds.has(rows[0]!.truth.kind) && rows.every((row) => row.truth.setAside === ''),
    );
    const lastWindow = Math.max(...all.map(time)) - 120;
    const pairs = [...Map.groupBy(inside, (rows) => rows[0]!.truth.connection).values()].filter((ends) =>
      ends.flat().every((row) => time(row) < lastWindow),
    );
    expect(pairs.length).toBeGreaterThan(500);
    expect(pairs.filter((ends) => ends.length !== 2 || sum(ends[0]!) !== sum(ends[1]!))).toEqual([]);
  });
});
