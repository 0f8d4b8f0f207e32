/**
 * What `analyze` costs beside what nobody can do without, and beside others: `npm run bench`.
 *
 *     npm run bench -- [records, default 2 million] [format: v2, v5, all or parquet, default v5] [rules, default 2,000] [folder]
 *
 * Contestants, each a process of its own, pinned to one processor where `taskset` is there, in turn, three rounds, the median
 * of CPU seconds: Node's gunzip of the same files; ISA-L's (`igzip`), the limit of what this machine could do, where it is
 * installed; DuckDB, on one thread, grouping by interface, addresses, smaller port and protocol; csv-parse, which only cuts
 * lines into fields; and `analyze`, everything written. The account is generated into the folder first; what is there already
 * is taken as it is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { generateAccount } from '../../services/generate-account/generate-account.ts';
import { GENERATE_DEFAULTS } from '../../services/generate-account/options/options.ts';

const ROUNDS = 3;
const ROOT = join(import.meta.dirname, '../..');

const filesIn = (logs: string): string[] =>
  readdirSync(logs, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.log\.(gz|parquet)$/.test(name))
    .map((name) => join(logs, name));

/** What runs in a process of its own. */
const WORK: Readonly<Record<string, (logs: string) => Promise<void>>> = {
  gunzip: async (logs) => {
    for (const path of filesIn(logs)) gunzipSync(readFileSync(path));
    return Promise.resolve();
  },
  duckdb: async (logs) => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    const [first = ''] = filesIn(logs);
    const source = first.endsWith('.parquet')
      ? `read_parquet('${logs}/**/*.parquet')`
      : `read_csv('${logs}/**/*.log.gz', delim = ' ', header = true, nullstr = '-')`;
    const name = (field: string): string => (first.endsWith('.parquet') ? field.replaceAll('-', '_') : `"${field}"`);
    const { rows } = await rowsOf(
      connection,
      `select count(*) from (select ${name('interface-id')}, srcaddr, dstaddr, least(srcport, dstport), protocol, count(*),
        sum(packets), sum(bytes), min(start), max("end") from ${source} where action = 'ACCEPT' group by all)`,
    );
    if (rows === 0) throw new Error('no flow');
  },
  'csv-parse': async (logs) => {
    const { parse } = await import('csv-parse/sync');
    let fields = 0;
    for (const path of filesIn(logs)) {
      const rows = parse(gunzipSync(readFileSync(path)), { delimiter: ' ' });
      fields += rows.length;
    }
    if (fields === 0) throw new Error('no line');
  },
};

async function rowsOf(
  connection: { runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }> },
  sql: string,
): Promise<{ rows: number }> {
  const reader = await connection.runAndReadAll(sql);
  return { rows: Number(reader.getRows()[0]![0]) };
}

/** User and system seconds of a command and its children, as bash tells them; undefined where it failed. */
function cpuSeconds(command: string): number | undefined {
  const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? `taskset -c 1 ${command}` : command;
  const { status, stderr } = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time ${pinned} > /dev/null`], {
    encoding: 'utf8',
    cwd: ROOT,
  });
  const [user = 0, system = 0] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return status === 0 ? user + system : undefined;
}

async function compare(
  records: number,
  format: 'v2' | 'v5' | 'all' | 'parquet',
  rules: number,
  folder: string,
): Promise<void> {
  if (!existsSync(join(folder, 'truth', 'account.json'))) {
    const shape = { ...GENERATE_DEFAULTS, records, format, rules, interfaces: 500, minutes: 1440 };
    await generateAccount({ ...shape, out: folder });
  }
  const logs = join(folder, 'logs');
  const out = join(folder, 'out');
  const own = (work: string): string => `${process.execPath} ${import.meta.filename} work ${work} ${logs}`;
  const program = join(ROOT, 'services/command-line/bin/stale-sg.js');
  const contestants = {
    ...(format !== 'parquet' && {
      gunzip: own('gunzip'),
      igzip: `bash -c 'find ${logs} -name "*.gz" -print0 | xargs -0 igzip -dc'`,
      'csv-parse': own('csv-parse'),
    }),
    'DuckDB, 1 thread': own('duckdb'),
    analyze: `${process.execPath} ${program} analyze --inventory ${join(folder, 'inventory')} --logs ${logs} --out ${out}`,
  };
  const seconds = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of Object.entries(contestants)) {
      rmSync(out, { recursive: true, force: true });
      const taken = cpuSeconds(command);
      if (taken !== undefined) seconds.get(name)!.push(taken);
    }
  }
  const median = (name: string): number => {
    const taken = [...(seconds.get(name) ?? [])].sort((a, b) => a - b);
    return taken[taken.length >> 1] ?? Number.NaN;
  };
  console.log(`${String(records)} records, ${format}, ${String(rules)} rules, ${String(filesIn(logs).length)} files`);
  for (const base of ['gunzip', 'DuckDB, 1 thread'].filter((name) => name in contestants)) {
    console.log(`analyze ÷ ${base}: ${(median('analyze') / median(base)).toFixed(2)}`);
  }
  for (const name of Object.keys(contestants)) {
    const taken = median(name);
    const each = ((taken / records) * 1e6).toFixed(2);
    console.log(
      `${name.padEnd(18)} ${Number.isNaN(taken) ? 'not here' : `${taken.toFixed(2)} CPU s, ${each} µs a record`}`,
    );
  }
}

const [first, second, third, fourth] = process.argv.slice(2);
if (first === 'work') await WORK[second!]!(third!);
else {
  const format = (['v2', 'v5', 'all', 'parquet'] as const).find((one) => one === second) ?? 'v5';
  const [records, rules] = [Number(first ?? 2_000_000), Number(third ?? 2000)];
  await compare(records, format, rules, fourth ?? join(tmpdir(), `stale-sg-bench-${records}-${format}-${rules}`));
}
