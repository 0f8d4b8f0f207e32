/** Records that are taken in by their rows: whatever they are, and in whatever order, they must count as each by itself does. */
import { expect, test } from '@jest/globals';
import { DayCounts, decideDays } from '../../../../services/command-line/files/day-counts.ts';
import type { RecordSink } from '../../../../shared/flowlogs/record.ts';
import { readParquet } from '../../../../shared/flowlogs/read-parquet.ts';
import { TextReader } from '../../../../shared/flowlogs/text-reader.ts';
import type { FlowLog, Inventory } from '../../../../shared/inventory/inventory.ts';
import { DayCount } from '../../../../shared/attribution/day-count.ts';
import { STREAM } from '../../../../shared/usage/source.ts';
import { UsageBySource } from '../../../../shared/usage/by-source.ts';
import { emptyUsage } from '../../../../shared/usage/usage.ts';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { ServiceFlows } from '../../../../shared/evidence/service-flows.ts';
import { sourceText } from '../../../../shared/usage/source.ts';
import { inventoryOfFiles } from '../../../oracle/core.ts';
import { Random } from '../../../oracle/random.ts';
import { ALL_COLUMNS, randomWorld, toFiles, toText } from '../../../oracle/random-world.ts';
import { inventoryOf } from '../../../oracle/row.ts';
import { recordOf } from '../../../oracle/shorthand.ts';
import { MAX_IDS } from '../../../../shared/flowlogs/scan/layout.ts';
import type { OracleRecord } from '../../../oracle/types.ts';
import { parquetOf } from '../../../shared/flowlogs/parquet-of.ts';
import { wholeUsage } from '../../../shared/usage/plain-usage.ts';
import { SIZE } from '../../../size.ts';

interface LogText {
  readonly flowLogId: string | undefined;
  readonly accountId: string | undefined;
  readonly text: string;
}

const LOGS = ['fl-a', 'fl-b', 'fl-c'];

type Read = (text: string, sink: RecordSink) => Promise<void>;

const READERS: Readonly<Record<'text' | 'Parquet', Read>> = {
  text: (text, sink) => {
    const reader = new TextReader(sink);
    reader.push(Buffer.from(text));
    reader.end();
    return Promise.resolve();
  },
  Parquet: async (text, sink) => {
    const rows = text.trimEnd().split('\n');
    const bytes = parquetOf(
      rows.map((row) => row.split(' ')),
      { integers: 'STRING', absent: 'dash' },
    );
    await readParquet(
      {
        byteLength: bytes.length,
        slice: (from, to) =>
          bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + (to ?? bytes.length)) as ArrayBuffer,
      },
      sink,
    );
  },
};

/** All that the files say, under every condition, and every service flow; and how many of their records came by rows. */
async function told(
  inventory: Inventory,
  files: readonly LogText[],
  read: Read,
  byRows: boolean,
): Promise<{ said: unknown; rows: number }> {
  const compiled = new CompiledInventory(inventory);
  const flows = new Map<string, ServiceFlows>();
  const counts = new DayCounts(
    () => compiled,
    (source) => {
      const of = flows.get(sourceText(source)) ?? new ServiceFlows();
      flows.set(sourceText(source), of);
      return (...flow) => {
        of.add(...flow);
      };
    },
  );
  let rows = 0;
  for (const { text, ...origin } of files) {
    const counting = counts.file(origin, undefined);
    const sink: RecordSink = {
      record: (record) => {
        counting.add(record);
      },
      malformed: () => {
        counting.malformed();
      },
      ...(byRows && {
        rows: (scanned, from) => {
          const next = counting.rows(scanned, from);
          rows += next - from;
          return next;
        },
      }),
    };
    await read(text, sink);
  }
  const counted = counts.finish();
  const sources = [...counted.sources].flatMap(([day, ofDay]) =>
    [...ofDay].map(([source, usage]) => [`${String(day)} ${sourceText(source)}`, wholeUsage(usage)] as const),
  );
  const seen = [...flows].map(
    ([source, of]) => [source, [...of.flows()].map((flow) => structuredClone(flow))] as const,
  );
  const before = Object.fromEntries(sources.sort(([a], [b]) => (a < b ? -1 : 1)));
  decideDays(counted);
  return { said: { before, usage: wholeUsage(counted.usage), seen: Object.fromEntries(seen.sort()) }, rows };
}

/** Some flow logs tell of the same interfaces, some from a time on that lies among the records; of some interfaces nobody knows the owner. */
function withFlowLogs(inventory: Inventory, times: readonly number[], random: Random): Inventory {
  const interfaces = [...inventory.interfaces.values()].map((one) => {
    return { ...one, ownerId: random.pick([one.ownerId, '', 'amazon-elb']) };
  });
  const flowLogs = LOGS.map((flowLogId): FlowLog => {
    const { interfaceId, subnetId, vpcId } = random.pick(interfaces);
    return {
      flowLogId,
      resourceId: random.pick([interfaceId, subnetId, vpcId, vpcId, vpcId]),
      trafficType: random.pick(['ALL', 'ALL', 'ACCEPT', 'REJECT']),
      active: random.chance(0.9),
      createdAt: random.pick([0, ...times]) - random.pick([0, 600]),
    };
  });
  return { ...inventory, flowLogs, interfaces: new Map(interfaces.map((one) => [one.interfaceId, one])) };
}

/** Much alike, as the records of an account are, and each thing that may send one another way changed now and then. */
function varied(records: readonly OracleRecord[], random: Random): OracleRecord[] {
  const other = random.pick(records);
  return records.flatMap((record) =>
    Array.from({ length: 6 }, () => {
      const one = { ...record };
      const change = (name: string, values: readonly (string | undefined)[]): void => {
        const value = random.pick(values);
        if (one[name] !== undefined && value !== undefined && random.chance(0.12)) one[name] = value;
      };
      change('srcport', ['40000', '50001', record.dstport]);
      change('dstport', ['443', '50001', record.srcport]);
      change('account-id', ['999988887777', '-', 'unknown']);
      change('vpc-id', ['-', 'vpc-0123456789abcdef0']);
      change('interface-id', ['-', 'eni-0123456789abcdef0', other['interface-id']]);
      change('srcaddr', [record.dstaddr, other.srcaddr, '169.254.171.7']);
      change('dstaddr', [record.srcaddr, other.dstaddr, 'fd00:ec2:80::9']);
      change('pkt-srcaddr', ['-', record.srcaddr, other.srcaddr]);
      change('flow-direction', ['-', 'ingress', 'egress']);
      change('tcp-flags', ['-', '0', '2', '18', '3']);
      change('action', ['ACCEPT', 'REJECT']);
      change('log-status', ['OK', 'NODATA', 'SKIPDATA']);
      change('start', [other.start]);
      change('end', [other.end]);
      change('protocol', ['x']);
      return one;
    }),
  );
}

/** How many records came by rows. */
async function countsAlike(inventory: Inventory, files: readonly LogText[], read = READERS.text): Promise<number> {
  const { said, rows } = await told(inventory, files, read, true);
  expect(said).toEqual((await told(inventory, files, read, false)).said);
  return rows;
}

test.each(['text', 'Parquet'] as const)(
  'records of %s taken in by their rows count as each by itself',
  async (form) => {
    const random = new Random(31);
    let [records, taken] = [0, 0];
    for (let seed = 1; seed <= 40 * SIZE; seed++) {
      const { files, records: few, columns } = randomWorld(seed * 7 + 1, { recordCount: 40 });
      const times = few.map(({ start }) => Number(start));
      const inventory = withFlowLogs(inventoryOfFiles(files), times, random);
      const logs = Array.from({ length: 5 }, (): LogText => {
        const some = varied(few, random);
        records += some.length;
        return {
          flowLogId: random.pick([...LOGS, undefined]),
          accountId: random.pick(['111111111111', undefined]),
          text: toText(random.chance(0.5) ? random.shuffled(some) : some, columns),
        };
      });
      taken += await countsAlike(inventory, logs, READERS[form]);
    }
    console.log(`${String(taken)} of ${String(records)} records were taken in by their rows`);
    expect(taken).toBeGreaterThan(records / 4);
  },
);

test('where there are more ids than are known at a time, a number that meant one interface may mean another', async () => {
  const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules: ['r1 sg-web in tcp 22-22 10.0.0.0/8'] })));
  const line = (id: string): OracleRecord => ({
    ...recordOf('eni-a in tcp 10.9.9.9:40000 > 10.0.0.10:22'),
    'interface-id': id,
    'flow-direction': 'ingress',
  });
  const strangers = Array.from({ length: MAX_IDS + 10 }, (_, n) => line(`eni-${String(n).padStart(17, '0')}`));
  const known = [...inventory.interfaces.values()].flatMap(({ interfaceId, groupIds }) =>
    groupIds.length > 0 ? interfaceId : [],
  );
  const text = toText([...known.map(line), ...strangers, ...known.reverse().map(line)], ALL_COLUMNS);
  expect(known.length).toBeGreaterThan(1);
  const file = { flowLogId: undefined, accountId: undefined, text };
  expect(await countsAlike(inventory, [file, file])).toBe(4 * known.length);
});

test('days of which the rows change all the time are kept apart', () => {
  const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules: ['r1 sg-web in tcp 22-22 10.0.0.0/8'] })));
  const record = recordOf('eni-a in tcp 10.9.9.9:40000 > 10.0.0.10:22');
  // The first and the third are taken in by their rows, each the first one of its day that is.
  const days = ['1767614400', '1767700800', '1767700860', '1767614460'];
  const text = toText(
    days.map((end) => ({ ...record, start: end, end })),
    ALL_COLUMNS,
  );
  const seen = (byRows: boolean): { seen: unknown; rows: number } => {
    const usage = emptyUsage();
    const compiled = new CompiledInventory(inventory);
    const counting = new DayCount(compiled, new UsageBySource([[STREAM, usage]])).file({ flowLogId: undefined });
    let rows = 0;
    const reader = new TextReader({
      ...(byRows && {
        rows: (scanned, from) => {
          const next = counting.rows(scanned, from);
          rows += next - from;
          return next;
        },
      }),
      record: (one) => {
        counting.add(one);
      },
      malformed: () => undefined,
    });
    reader.push(Buffer.from(text));
    reader.end();
    return { seen: wholeUsage(usage), rows };
  };
  expect(seen(true)).toEqual({ ...seen(false), rows: 2 });
});
