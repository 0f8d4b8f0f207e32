/** Which records of a second flow log are set aside: one too many hides a rule's use, one too few counts it twice. */
import { describe, expect, test } from '@jest/globals';
import { Attribution, type RecordOrigin } from '../../shared/attribution/attribution.ts';
import { TextReader } from '../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { emptyUsage, type Fate } from '../../shared/usage/usage.ts';
import { inventoryOfFiles } from '../oracle/core.ts';
import { ALL_COLUMNS, toFiles, toText } from '../oracle/random-world.ts';
import { inventoryOf } from '../oracle/row.ts';
import { END, recordOf } from '../oracle/shorthand.ts';
import { flowLogIdOf } from '../../shared/flowlogs/file-name.ts';
import { duplicatesAmong } from '../../shared/attribution/duplicate-log.ts';
import { emptyLogDay } from '../../shared/usage/log-days.ts';
import { fateOf } from '../shared/attribution/fate-of.ts';

/** What records of this test start at. */
const START = END - 60;

interface Row {
  readonly why: string;
  /** `fl-… ALL vpc-1`, with `failed`, `inactive` or the seconds that it was created before the record started. */
  readonly logs: readonly string[];
  /** The flow log whose file holds the record; `-` where its name does not say. */
  readonly from: string;
  /** Those whose files are counted; all of `logs` where not given. */
  readonly delivered?: readonly string[];
  readonly record?: string;
  readonly fate: Fate;
}

const ACCEPTED = 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2';
const REJECTED = `${ACCEPTED} action=REJECT`;

const ROWS: readonly Row[] = [
  { why: 'the only log', logs: ['fl-2 ALL vpc-1'], from: 'fl-2', fate: 'attributed' },
  { why: 'two logs, the larger id', logs: ['fl-1 ALL vpc-1', 'fl-2 ALL vpc-1'], from: 'fl-2', fate: 'duplicateLog' },
  {
    why: 'two logs, the larger id, listed first',
    logs: ['fl-2 ALL vpc-1', 'fl-1 ALL vpc-1'],
    from: 'fl-2',
    fate: 'duplicateLog',
  },
  { why: 'two logs, the smaller id', logs: ['fl-1 ALL vpc-1', 'fl-2 ALL vpc-1'], from: 'fl-1', fate: 'attributed' },
  {
    why: 'ids are compared as text: fl-10 is the smaller one',
    logs: ['fl-10 ALL vpc-1', 'fl-9 ALL vpc-1'],
    from: 'fl-9',
    fate: 'duplicateLog',
  },
  {
    why: 'the other over the subnet',
    logs: ['fl-1 ALL subnet-1', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    fate: 'duplicateLog',
  },
  {
    why: 'the other over the interface',
    logs: ['fl-1 ALL eni-a', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    fate: 'duplicateLog',
  },
  {
    why: 'the other over another VPC',
    logs: ['fl-1 ALL vpc-2', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    fate: 'attributed',
  },
  {
    why: 'the other over another VPC, and a third one over this, with a larger id',
    logs: ['fl-1 ALL vpc-2', 'fl-2 ALL vpc-1', 'fl-3 ALL vpc-1'],
    from: 'fl-2',
    fate: 'attributed',
  },
  {
    why: 'the other was deleted or is broken',
    logs: ['fl-1 ALL vpc-1 inactive', 'fl-2 ALL vpc-1', 'fl-3 ALL vpc-1'],
    from: 'fl-2',
    fate: 'attributed',
  },
  {
    why: 'the other fails to deliver',
    logs: ['fl-1 ALL vpc-1 failed', 'fl-2 ALL vpc-1', 'fl-3 ALL vpc-1'],
    from: 'fl-2',
    fate: 'attributed',
  },
  {
    why: 'the other’s files are not among those counted',
    logs: ['fl-1 ALL vpc-1', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    delivered: ['fl-2'],
    fate: 'attributed',
  },
  { why: 'a file whose name does not say', logs: ['fl-1 ALL vpc-1', 'fl-2 ALL vpc-1'], from: '-', fate: 'attributed' },
  {
    why: 'a file of a log that is not over this interface',
    logs: ['fl-1 ALL vpc-1', 'fl-2 ALL vpc-1'],
    from: 'fl-3',
    fate: 'attributed',
  },
  {
    why: 'the other records rejected traffic only, and this was accepted',
    logs: ['fl-1 REJECT vpc-1', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    fate: 'attributed',
  },
  {
    why: 'the other records rejected traffic only, and this was rejected',
    logs: ['fl-1 REJECT vpc-1', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    record: REJECTED,
    fate: 'duplicateLog',
  },
  {
    why: 'the other records accepted traffic only, and this was accepted',
    logs: ['fl-1 ACCEPT vpc-1', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    fate: 'duplicateLog',
  },
  {
    why: 'the other records accepted traffic only, and this was rejected',
    logs: ['fl-1 ACCEPT vpc-1', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    record: REJECTED,
    fate: 'rejected',
  },
  {
    why: 'of three, one with a smaller id is enough',
    logs: ['fl-1 REJECT vpc-1', 'fl-2 ALL vpc-1', 'fl-3 ALL vpc-1'],
    from: 'fl-3',
    fate: 'duplicateLog',
  },
  {
    why: 'the other was there ten minutes before: its first window may have been cut short, but is over',
    logs: ['fl-1 ALL vpc-1 600', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    fate: 'duplicateLog',
  },
  {
    why: 'the other came later: it may lack this record',
    logs: ['fl-1 ALL vpc-1 599', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    fate: 'attributed',
  },
  {
    why: 'NODATA is counted as such',
    logs: ['fl-1 ALL vpc-1', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    record: `${ACCEPTED} log-status=NODATA`,
    fate: 'noData',
  },
  {
    why: 'SKIPDATA is a gap of this log, not of the other',
    logs: ['fl-1 ALL vpc-1', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    record: `${ACCEPTED} log-status=SKIPDATA`,
    fate: 'skipData',
  },
  {
    why: 'an interface that nobody knows: nothing says which logs cover it',
    logs: ['fl-1 ALL vpc-1', 'fl-2 ALL vpc-1'],
    from: 'fl-2',
    record: ACCEPTED.replace('eni-a', 'eni-x'),
    fate: 'unknownInterface',
  },
];

function flowLogOf(text: string): object {
  const [FlowLogId, TrafficType, ResourceId, rest = '86400'] = text.split(' ');
  const seconds = /^\d+$/.test(rest) ? Number(rest) : 86_400;
  return {
    FlowLogId,
    TrafficType,
    ResourceId,
    FlowLogStatus: rest === 'inactive' ? 'INACTIVE' : 'ACTIVE',
    DeliverLogsStatus: rest === 'failed' ? 'FAILED' : 'SUCCESS',
    CreationTime: new Date((START - seconds) * 1000).toISOString(),
  };
}

describe('a record of a flow log that is', () => {
  test.each(ROWS.map((row) => [row.why, row] as const))('%s', (_, { logs, from, delivered, record, fate }) => {
    const plain = inventoryOf({ rules: ['r1 sg-web in tcp 22-22 10.0.0.0/8'] });
    const networkInterfaces = plain.networkInterfaces.map((one) => ({ ...one, SubnetId: 'subnet-1' }));
    const files = toFiles({ ...plain, networkInterfaces });
    const inventory = inventoryOfFiles({ ...files, 'flow-logs.json': { FlowLogs: logs.map(flowLogOf) } });
    const usage = emptyUsage();
    const attribution = new Attribution(new CompiledInventory(inventory), usage);
    const flowLogId = from === '-' ? undefined : from;
    const heard = (delivered ?? logs.map((log) => log.split(' ')[0]!)).map(
      (id) => [id, { ...emptyLogDay(), hours: 0xffffff }] as const,
    );
    const origin: RecordOrigin = { flowLogId, isDuplicate: duplicatesAmong(flowLogId, () => new Map(heard)) };
    const fates: Fate[] = [];
    const reader = new TextReader({
      record: (one) => fates.push(fateOf(attribution, usage, one, origin)),
      malformed: (_line, reason) => {
        throw new Error(reason);
      },
    });
    reader.push(Buffer.from(toText([recordOf(record ?? ACCEPTED)], ALL_COLUMNS)));
    reader.end();
    expect(fates).toEqual([fate]);

    // One that is set aside for another's sake says nothing of its interface either; the other one does.
    const observed = usage.interfaces.get('eni-a')?.get(Math.floor(END / 86_400))?.records ?? 0;
    expect(observed).toBe(['duplicateLog', 'unknownInterface'].includes(fate) ? 0 : 1);
  });
});

describe('the flow log in the name of a file', () => {
  const NAME = '111122223333_vpcflowlogs_us-gov-west-1_fl-0a1b2c3d4e5f60001_20260112T0910Z_7c40e95d';
  test.each([
    [`${NAME}.log.gz`, 'fl-0a1b2c3d4e5f60001'],
    [
      `s3://bucket/AWSLogs/111122223333/vpcflowlogs/us-gov-west-1/2026/01/12/${NAME}.log.parquet`,
      'fl-0a1b2c3d4e5f60001',
    ],
    ['flow.log', undefined],
    ['fl-0a1b2c3d4e5f60001.log', undefined],
    ['111122223333_vpcflowlogs_eu-central-1_fl-0A1B_20260112T0910Z_7c40e95d.log', undefined],
    ['111122223333_vpcflowlogs_eu-central-1_fl-_20260112T0910Z_7c40e95d.log', undefined],
    ['111122223333_vpcflowlogs_EU_fl-0a1b_20260112T0910Z_7c40e95d.log', undefined],
    ['111122223333_elasticloadbalancing_eu-central-1_fl-0a1b_20260112T0910Z.log', undefined],
  ])('%s', (name, id) => {
    expect(flowLogIdOf(name)).toBe(id);
  });
});
