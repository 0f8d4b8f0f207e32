import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { generateAccount } from '../../../services/generate-account/generate-account.ts';
import { GENERATE_DEFAULTS, type GenerateOptions } from '../../../services/generate-account/options/options.ts';
import type { Need } from '../../../services/generate-account/truth/rules-truth.ts';

/** A small account with all its kinds. */
export const SMALL = { ...GENERATE_DEFAULTS, interfaces: 20, rules: 1, records: 1000 } as const;

const folders: string[] = [];

export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-generate-'));
  folders.push(folder);
  return folder;
}

/** For `afterAll`. */
export function removeScratchFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Generates into a scratch folder. */
export async function generated(options: Partial<GenerateOptions> = {}) {
  const out = scratchFolder();
  const summary = await generateAccount({ ...SMALL, ...options, out });
  return { out, summary };
}

export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Parsed JSON, for the caller to say what it is. */
export function readJson(out: string, path: string): unknown {
  return JSON.parse(readFileSync(join(out, path), 'utf8'));
}

function gzipLines(path: string): string[] {
  const text = gunzipSync(readFileSync(path)).toString('latin1');
  if (!text.endsWith('\n')) throw new Error(`${path} ends in mid-line`);
  return text.slice(0, -1).split('\n');
}

/** A field's value as text; `-` where absent. */
export type Fields = Readonly<Record<string, string>>;

export interface Truth {
  readonly connection: string;
  readonly kind: string;
  readonly opened: 'request' | 'reply' | '';
  readonly decidable: string;
  readonly peer: string;
  readonly servicePort: string;
  readonly rules: readonly string[];
  readonly untrackedBy: readonly string[];
  readonly setAside: string;
}

export interface LogFile {
  /** Below `logs`, without extension. */
  readonly path: string;
  readonly flowLogId: string;
  readonly header: readonly string[];
  /** As they stand in the file, without the header. Empty for Parquet. */
  readonly lines: readonly string[];
  readonly records: readonly Fields[];
  readonly truths: readonly Truth[];
}

export async function logFiles(out: string): Promise<LogFile[]> {
  return Promise.all(filesUnder(join(out, 'logs')).map((name) => logFile(out, name)));
}

async function logFile(out: string, name: string): Promise<LogFile> {
  const path = name.replace(/\.log\.(gz|parquet)$/, '');
  const [truthHeader, ...truthLines] = gzipLines(join(out, 'truth', 'records', `${path}.csv.gz`));
  const truths = truthLines.map((line) => truthOf(truthHeader!.split(','), line.split(',')));
  const flowLogId = /_(fl-[0-9a-f]+)_/.exec(path)![1]!;
  if (name.endsWith('.parquet')) {
    const bytes = readFileSync(join(out, 'logs', name));
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      compressors: { GZIP: (input) => gunzipSync(input) },
    });
    const records = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key.replaceAll('_', '-'),
          shown(value as string | number | bigint | null),
        ]),
      ),
    );
    return { path, flowLogId, header: Object.keys(records[0] ?? {}), lines: [], records, truths };
  }
  const [header, ...lines] = gzipLines(join(out, 'logs', name));
  const columns = header!.split(' ');
  const records = lines.map((line) => {
    const values = line.split(' ');
    return Object.fromEntries(columns.map((column, i) => [column, values[i]!]));
  });
  return { path, flowLogId, header: columns, lines, records, truths };
}

function shown(value: string | number | bigint | null): string {
  return value === null ? '-' : value.toString();
}

function truthOf(header: readonly string[], values: readonly string[]): Truth {
  if (values.length !== header.length) throw new Error(`truth with ${values.length} fields`);
  const fields = Object.fromEntries(header.map((name, i) => [name, values[i]!]));
  const list = (name: string) => fields[name]!.split(' ').filter((id) => id !== '');
  return { ...fields, rules: list('rules'), untrackedBy: list('untrackedBy') } as unknown as Truth;
}

export interface TruthOfRule {
  readonly ruleId: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly rule: string;
  readonly purpose: {
    readonly kind: string;
    readonly cover?: readonly string[];
    readonly since?: string;
    readonly because?: string;
  };
  readonly need: Need;
  readonly requests: number;
  readonly soleRequests: number;
  readonly replies: number;
  readonly untrackedReplies: number;
  readonly requestsSetAside: number;
  readonly requestsUnlogged: number;
  readonly soleRequestsUnseen: number;
  readonly firstRequest: string | null;
  readonly lastRequest: string | null;
  readonly earlier: readonly (Omit<TruthOfRule, 'ruleId' | 'groupId' | 'need' | 'earlier'> & {
    label: string;
    until: string;
  })[];
}

export function rulesTruth(out: string): TruthOfRule[] {
  return readJson(out, 'truth/rules.json') as TruthOfRule[];
}

/** UNIX seconds, both inclusive. */
export interface HiddenInterface {
  readonly id: string;
  readonly address: string;
  readonly groupIds: readonly string[];
  readonly from: number;
  readonly until: number;
}

export function hiddenInterfaces(out: string): HiddenInterface[] {
  const [, ...lines] = gzipLines(join(out, 'truth', 'hidden-interfaces.csv.gz'));
  return lines.map((line) => {
    const [id, address, groupIds, from, until] = line.split(',') as [string, string, string, string, string];
    const time = (text: string, open: number): number => (text === '' ? open : Date.parse(text) / 1000);
    return { id, address, groupIds: groupIds.split(' '), from: time(from, -Infinity), until: time(until, Infinity) };
  });
}
