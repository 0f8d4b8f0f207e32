import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { checkedFormat, type LogFormat } from '../../../../services/reconcile-usage/sql/log-format.ts';
import { LIMITS } from '../../../../shared/flowlogs/fields.ts';

/** A flow log file to be laid where AWS would deliver it. */
export interface LogFile {
  readonly flowLogId: string;
  /** UNIX seconds, by the file's name and its folders. */
  readonly published: number;
  /** Of a text file, with all that ends its lines. */
  readonly text?: string;
  /** Of a Parquet file, by field; null where absent. */
  readonly rows?: readonly Readonly<Record<string, string | number | bigint | null>>[];
}

export const DAY = Date.UTC(2026, 0, 5) / 86_400_000;
export const MIDNIGHT = DAY * 86_400;
export const LOGS = ['fl-0aaa', 'fl-0bbb'] as const;

export function formatOf(fields: readonly string[], more: Partial<LogFormat> = {}): LogFormat {
  return checkedFormat({
    fields,
    fileFormat: 'plain-text',
    hiveCompatible: false,
    perHour: false,
    bucket: 'the-logs',
    prefix: 'some/folder',
    accountId: '111122223333',
    region: 'eu-west-1',
    flowLogIds: LOGS,
    ...more,
  });
}

const folders: string[] = [];

export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-fold-'));
  folders.push(folder);
  return folder;
}

/** For `afterAll`. */
export function removeScratchFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** The key of the n-th file, as the documentation has it, and not as the code under test makes it. */
function keyOf(format: LogFormat, { flowLogId, published }: LogFile, n: number): string {
  const [date, time] = new Date(published * 1000).toISOString().split('T') as [string, string];
  const [year, month, day] = date.split('-');
  const { accountId, region, hiveCompatible, perHour, prefix } = format;
  const owner = hiveCompatible
    ? `aws-account-id=${accountId}/aws-service=vpcflowlogs/aws-region=${region}/year=${year}/month=${month}/day=${day}`
    : `${accountId}/vpcflowlogs/${region}/${year}/${month}/${day}`;
  const hour = perHour ? `/${hiveCompatible ? 'hour=' : ''}${time.slice(0, 2)}` : '';
  const stamp = `${year}${month}${day}T${time.slice(0, 2)}${time.slice(3, 5)}Z`;
  const name = `${accountId}_vpcflowlogs_${region}_${flowLogId}_${stamp}_${n.toString(16).padStart(8, '0')}`;
  const end = format.fileFormat === 'parquet' ? 'log.parquet' : 'log.gz';
  return `${prefix === '' ? '' : `${prefix}/`}AWSLogs/${owner}${hour}/${name}.${end}`;
}

/** Writes the files below `root` and the bucket's name; returns their addresses, `s3://…`. */
export function layFiles(root: string, format: LogFormat, files: readonly LogFile[]): string[] {
  return files.map((file, n) => {
    const key = keyOf(format, file, n);
    const path = join(root, format.bucket, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.rows ? parquetOf(format, file.rows) : gzipSync(file.text ?? '', { level: 1 }));
    return `s3://${format.bucket}/${key}`;
  });
}

const WIDE = ['packets', 'bytes', 'start', 'end'];

function parquetOf({ fields }: LogFormat, rows: NonNullable<LogFile['rows']>): Uint8Array {
  const columnData = fields.map((field) => {
    const isNumber = field in LIMITS;
    const isWide = WIDE.includes(field);
    return {
      name: field.replaceAll('-', '_'),
      type: isNumber ? (isWide ? ('INT64' as const) : ('INT32' as const)) : ('STRING' as const),
      nullable: true,
      data: rows.map((row) => {
        const value = row[field] ?? null;
        if (value === null || !isNumber) return value === null ? null : String(value);
        return isWide ? BigInt(value) : Number(value);
      }),
    };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
