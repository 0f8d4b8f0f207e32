import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { generateAccount } from '../../../services/generate-account/generate-account.ts';
import { GENERATE_DEFAULTS } from '../../../services/generate-account/options/options.ts';
import { foldFiles } from '../../../services/reconcile-usage/fold-files.ts';
import { logFormatsOf, type FlowLogFormat } from '../../../services/reconcile-usage/sql/log-format.ts';
import { layOut } from '../../../services/reconcile-usage/local-logs.ts';
import { DEFAULT_FIELDS } from '../../../shared/flowlogs/fields.ts';
import type { FoldedRow } from '../../../shared/flowlogs/folded-record.ts';
import { foldedInDuckDb, sorted } from './sql/folded-in-duckdb.ts';
import { DAY, MIDNIGHT, removeScratchFolders, scratchFolder } from './sql/laid-files.ts';

/** Other tests run beside this one, on a small machine. */
jest.setTimeout(60_000);

afterAll(removeScratchFolders);

async function folded(paths: readonly string[]): Promise<{ rows: FoldedRow[]; formats: number }> {
  const folder = scratchFolder();
  const laid = await layOut(paths, DAY, join(folder, 'logs'));
  const rows: FoldedRow[] = [];
  const resources = { spillFolder: join(folder, 'spill'), memory: 512, threads: 1 };
  for (const each of laid) for await (const some of foldFiles(each, DAY, resources)) rows.push(...some);
  return { rows, formats: laid.length };
}

const HEADER = DEFAULT_FIELDS.join(' ');
const line = (id: string, end = MIDNIGHT + 60): string =>
  `2 111122223333 ${id} 10.0.0.1 10.0.0.2 50000 443 6 1 40 ${end - 60} ${end} ACCEPT OK`;

function file(name: string, content: string | Uint8Array): string {
  const path = join(scratchFolder(), name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const interfaces = (rows: readonly FoldedRow[]): (string | null)[] =>
  rows.map(({ interface_id }) => interface_id).sort();

describe('files on this machine', () => {
  it.each(['v5', 'parquet'] as const)('are folded as in Athena: a generated account, %s', async (format) => {
    const out = scratchFolder();
    await generateAccount({ ...GENERATE_DEFAULTS, records: 5000, format, startSeconds: MIDNIGHT + 85_200, out });
    const names = filesBelow(join(out, 'logs'));
    const { rows } = await folded(names.map((name) => join(out, 'logs', name)));
    const expected = await asInAthena(out);
    expect(rows.length).toBeGreaterThan(1000);
    expect(sorted(rows)).toEqual(sorted(expected));
  });

  it('are read whatever their names, their compression, and what their headers say', async () => {
    const inOtherOrder = [...DEFAULT_FIELDS].reverse();
    const { rows, formats } = await folded([
      file('plain.log', `${HEADER}\n${line('eni-plain')}\n`),
      file('no header.log', `\n \n${line('eni-no-header')}`),
      file('gzip without its name.log', gzipSync(`${HEADER}\r\n${line('eni-gzip')}\r\n`)),
      file(
        "it's.log.gz",
        gzipSync(`${inOtherOrder.join(' ')}\n${line('eni-other-order').split(' ').reverse().join(' ')}\n`),
      ),
      file('not all UTF-8.log', Buffer.from(`${HEADER}\n${line('eni-latin')}\nx\xff\u00e9\n`, 'latin1')),
      file('what separates.log', `${HEADER}\n${line('eni-last')}\n\u{10ffff}\na\u{10ffff}b\n`),
      file('empty.log', ''),
      file('blank.log.gz', gzipSync('\n \n')),
    ]);
    expect(formats).toBe(2);
    const ok = rows.filter(({ kind }) => kind === 'ok');
    expect(interfaces(ok)).toEqual([
      'eni-gzip',
      'eni-last',
      'eni-latin',
      'eni-no-header',
      'eni-other-order',
      'eni-plain',
    ]);
    expect(ok.every(({ flow_log_id }) => flow_log_id === null)).toBe(true);
    const malformed = rows.filter(({ kind }) => kind === 'malformed');
    expect(malformed.map(({ file, records }) => [file?.split('/').at(-1), records]).sort()).toEqual([
      ['not all UTF-8.log', 1],
      ['what separates.log', 2],
    ]);
  });

  it('are of the flow log, and delivered at the time, that their names tell', async () => {
    const at = (stamp: string, id: string): string =>
      file(
        `a/111122223333_vpcflowlogs_eu-west-1_${id}_${stamp}_0a.log.gz`,
        gzipSync(`${HEADER}\n${line(`eni-${stamp}`)}\nmalformed\n`),
      );
    const { rows } = await folded([
      at('20260105T0010Z', 'fl-0aaa'),
      at('20260106T0500Z', 'fl-0bbb'),
      at('20260106T0600Z', 'fl-0bbb'),
      at('20260104T2300Z', 'fl-0bbb'),
    ]);
    const ok = rows.filter(({ kind }) => kind === 'ok').map((row) => [row.flow_log_id, row.interface_id]);
    expect(ok.sort()).toEqual([
      ['fl-0aaa', 'eni-20260105T0010Z'],
      ['fl-0bbb', 'eni-20260106T0500Z'],
    ]);
    expect(rows.filter(({ kind }) => kind === 'malformed').map((row) => row.flow_log_id)).toEqual(['fl-0aaa']);
  });

  it('are looked through to their end, and copied whole where a byte there is not ASCII', async () => {
    const lines = Array.from({ length: 8000 }, () => line('eni-1'));
    const text = Buffer.from([HEADER, ...lines, line('eni-\xe9'), ''].join('\n'), 'latin1');
    expect(text.length).toBeGreaterThan(2 * 256 * 1024);
    const { rows } = await folded([file('long.log', text), file('long.log.gz', gzipSync(text, { level: 0 }))]);
    const found = Map.groupBy(rows, (row) => row.interface_id);
    const times = (id: string) => found.get(id)!.reduce((sum, { records }) => sum + records, 0);
    expect([times('eni-1'), times('eni-\ufffd')]).toEqual([16_000, 2]);
  });

  it.each([
    ['cut short', gzipSync(`${HEADER}\n${line('eni-1')}\n`.repeat(100)).subarray(0, -9), 'cut short'],
    ['corrupt', corrupt(gzipSync(`${HEADER}\n${line('eni-1')}\n`)), 'corrupt gzip data'],
    ['no flow log', Buffer.from('hello world\n'), 'not a VPC flow log: no header'],
    [
      'without a needed column',
      Buffer.from('version srcaddr dstaddr\n2 10.0.0.1 10.0.0.2\n'),
      'no column "interface-id"',
    ],
    ['binary', Buffer.from([...Array.from(HEADER, (c) => c.charCodeAt(0)), 0x20, 0xff, 0x0a]), 'not a VPC flow log'],
    ['one line without end', Buffer.alloc(100_000, 'x'), 'longer than 65536 bytes'],
    ['blanks alone', Buffer.alloc(100_000, ' '), 'it begins with blanks alone'],
  ])('are refused by name where one is %s', async (name, content, reason) => {
    const paths = [file('good.log', `${HEADER}\n${line('eni-1')}\n`), file(`${name}.log`, content)];
    await expect(folded(paths)).rejects.toThrow(new RegExp(`/${name}\\.log: .*${reason}`));
  });

  it('are refused by name where one is not a Parquet file', async () => {
    await expect(folded([file('x.parquet', 'PAR1nonsense')])).rejects.toThrow(
      /x\.parquet: not a readable Parquet file/,
    );
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(gz|parquet)$/.test(name));
}

/** The generator lays its files out as AWS does. */
async function asInAthena(out: string): Promise<FoldedRow[]> {
  const { FlowLogs } = JSON.parse(readFileSync(join(out, 'inventory', 'flow-logs.json'), 'utf8')) as {
    FlowLogs: FlowLogFormat[];
  };
  const [, accountId = '', region = ''] =
    /AWSLogs\/(\d+)\/vpcflowlogs\/([^/]+)/.exec(filesBelow(join(out, 'logs'))[0]!) ?? [];
  const { formats } = logFormatsOf(FlowLogs, { accountId, region });
  renameSync(join(out, 'logs'), join(out, formats[0]!.bucket));
  return foldedInDuckDb(out, formats[0]!);
}

function corrupt(bytes: Buffer): Buffer {
  bytes[bytes.length - 6]! ^= 0xff;
  return bytes;
}
