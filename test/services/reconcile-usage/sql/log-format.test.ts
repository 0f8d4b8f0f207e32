import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import {
  checkedFormat,
  logFormatsOf,
  usedFields,
  type FlowLogFormat,
  type LogFormat,
} from '../../../../services/reconcile-usage/sql/log-format.ts';
import { foldQuery } from '../../../../services/reconcile-usage/sql/fold.ts';
import { createTable } from '../../../../services/reconcile-usage/sql/table.ts';
import { DEFAULT_FIELDS, RECOMMENDED_FIELDS } from '../../../../shared/flowlogs/fields.ts';

/** Other tests run beside this one, on a small machine. */
jest.setTimeout(60_000);

const OWNER = { accountId: '111122223333', region: 'eu-west-1' };
const V2 = DEFAULT_FIELDS.map((field) => `\${${field}}`).join(' ');
const described = (more: Partial<FlowLogFormat> = {}): FlowLogFormat => ({
  FlowLogId: 'fl-0a',
  LogDestinationType: 's3',
  LogDestination: 'arn:aws:s3:::the-logs',
  LogFormat: V2,
  ...more,
});
const GOOD: LogFormat = logFormatsOf([described()], OWNER).formats[0]!;

describe('formats of flow logs', () => {
  it('are one for all that write alike, whatever the slash at the end', () => {
    const { formats, problems } = logFormatsOf(
      [
        described({ FlowLogId: 'fl-0b' }),
        described({ LogDestination: 'arn:aws:s3:::the-logs/' }),
        described({ FlowLogId: 'fl-0c', LogDestination: 'arn:aws-cn:s3:::the-logs/a/b/' }),
        described({ FlowLogId: 'fl-0d', DestinationOptions: { FileFormat: 'parquet', PerHourPartition: true } }),
        described({ FlowLogId: 'fl-0e', LogFormat: [...RECOMMENDED_FIELDS].map((field) => `\${${field}}`).join(' ') }),
      ],
      OWNER,
    );
    expect(problems).toEqual([]);
    expect(
      formats.map(({ flowLogIds, prefix, fileFormat, perHour }) => [flowLogIds, prefix, fileFormat, perHour]),
    ).toEqual([
      [['fl-0a', 'fl-0b'], '', 'plain-text', false],
      [['fl-0c'], 'a/b', 'plain-text', false],
      [['fl-0d'], '', 'parquet', true],
      [['fl-0e'], '', 'plain-text', false],
    ]);
    expect(formats[3]!.fields).toEqual(RECOMMENDED_FIELDS);
  });

  it('leave out logs that go elsewhere, and those of transit gateways', () => {
    const others = [
      described({ LogDestinationType: 'cloud-watch-logs' }),
      described({ LogFormat: `${V2} \${tgw-id}` }),
    ];
    expect(logFormatsOf(others, OWNER)).toEqual({ formats: [], problems: [] });
  });

  it('have those of archived log groups among them, as text in the folders of the archive', () => {
    const toGroup = (FlowLogId: string, LogGroupName: string): FlowLogFormat => ({
      FlowLogId,
      LogDestinationType: 'cloud-watch-logs',
      LogDestination: `arn:aws:logs:eu-west-1:111122223333:log-group:${LogGroupName}:*`,
      LogGroupName,
      LogFormat: V2,
      // Nothing of a log group, and nothing of its archive.
      DestinationOptions: { FileFormat: 'parquet', HiveCompatiblePartitions: true },
    });
    const archived = { names: ['/aws/vpc/a', 'b'], bucket: 'the-logs', keyPrefix: 'vpc/logs/' };
    const flowLogs = [
      toGroup('fl-0b', 'b'),
      toGroup('fl-0c', 'c'),
      toGroup('fl-0a', '/aws/vpc/a'),
      described({ FlowLogId: 'fl-0d', LogDestination: 'arn:aws:s3:::the-logs/vpc/logs/' }),
      // What goes to a bucket goes there, whatever its group is called.
      described({ FlowLogId: 'fl-0e', LogGroupName: 'b' }),
    ];
    const { formats, problems } = logFormatsOf(flowLogs, OWNER, archived);
    expect(problems).toEqual([]);
    expect(formats).toEqual([
      { ...GOOD, bucket: 'the-logs', prefix: 'vpc/logs', flowLogIds: ['fl-0a', 'fl-0b', 'fl-0d'] },
      { ...GOOD, bucket: 'the-logs', flowLogIds: ['fl-0e'] },
    ]);
    expect(logFormatsOf(flowLogs, OWNER).formats.flatMap(({ flowLogIds }) => flowLogIds)).toEqual(['fl-0d', 'fl-0e']);
  });

  it('name a flow log that cannot be read, and why', () => {
    const { formats, problems } = logFormatsOf(
      [described({ LogFormat: `\${srcaddr} \${dstaddr}` }), described({ FlowLogId: 'fl-0b' })],
      OWNER,
    );
    expect(formats.map(({ flowLogIds }) => flowLogIds)).toEqual([['fl-0b']]);
    expect(problems).toEqual([
      expect.stringMatching(/^flow log "fl-0a" is not reconciled: not a VPC flow log: no column "interface-id"/),
    ]);
  });

  it('know the fields that are used', () => {
    expect(usedFields(GOOD)).toEqual(expect.arrayContaining(['srcaddr', 'end', 'log-status']));
    expect(usedFields(GOOD)).not.toContain('version');
  });
});

const INJECTIONS = [
  "x'; DROP TABLE y; --",
  "x' OR '1'='1",
  'x"',
  'x`',
  'x\\',
  'x\n',
  'x\u0000',
  `\${delivery_day}`,
  'x;',
  "x''",
  'ü',
];

describe('a format that does not fit into a statement', () => {
  it.each(INJECTIONS)('is refused: %j', (injection) => {
    const wrong: Partial<LogFormat>[] = [
      { bucket: `the-${injection}-logs` },
      { prefix: injection },
      { prefix: `a/${injection}/b` },
      { accountId: injection },
      { region: `eu-west-1${injection}` },
      { flowLogIds: [`fl-0${injection}`] },
      { flowLogIds: ['fl-0a', injection] },
      { fields: [...DEFAULT_FIELDS, injection] },
      { fileFormat: injection as 'parquet' },
    ];
    for (const each of wrong) {
      expect(() => checkedFormat({ ...GOOD, ...each })).toThrow(RangeError);
      expect(() => foldQuery({ table: { database: 'd', table: 't' }, format: { ...GOOD, ...each }, day: 1 })).toThrow(
        RangeError,
      );
      expect(() => createTable({ database: 'd', table: 't' }, { ...GOOD, ...each })).toThrow(RangeError);
    }
  });

  it.each<Partial<LogFormat>>([
    { prefix: '/a' },
    { prefix: 'a/' },
    { prefix: 'a//b' },
    { bucket: 'Up' },
    { flowLogIds: [] },
    { fields: DEFAULT_FIELDS.filter((field) => field !== 'end') },
    { fields: [...DEFAULT_FIELDS, 'end'] },
    { fields: [...DEFAULT_FIELDS, ...Array.from({ length: 243 }, (_, i) => `x${i}`)] },
  ])('is refused: %j', (wrong) => {
    expect(() => checkedFormat({ ...GOOD, ...wrong })).toThrow(RangeError);
  });

  it('is refused, or its statements have no quote or end that was not there before', () => {
    const shape = (format: LogFormat): string =>
      createTable({ database: 'd', table: 't' }, format).replaceAll(/[^'"`;\\\n]/g, '');
    const odd = fc.string({ unit: fc.constantFrom(...Array.from(`aA0_-.'"\`;\\/*()!$ \n`)), maxLength: 12 });
    fc.assert(
      fc.property(odd, odd, (prefix, bucket) => {
        for (const wrong of [{ prefix }, { bucket: `aaa${bucket}aaa` }]) {
          try {
            expect(shape({ ...GOOD, ...wrong })).toBe(shape(GOOD));
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
          }
        }
      }),
      { numRuns: 2000, seed: 2 },
    );
  });
});
