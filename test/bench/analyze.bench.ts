/**
 * What `analyze` costs beside what nobody can do without, and beside others: `npm run bench`; in Parquet beside text, each in files
 * of five minutes and of an hour (some 900 and 20,000 records of the default account): `npm run bench:parquet`; and with ten times
 * as many records: `npm run bench:memory`.
 *
 *     npm run bench -- [records, default 2 million] [logs, default v5] [rules, default 2,000] [folder]
 *     npm run bench:parquet -- [records, default 2 million] [folder]
 *     npm run bench:memory -- [records, default 5 million] [folder]
 *
 * Logs: `v2`, `v5`, `all` or `parquet`, as `generate` makes them; `strangers`, v2 records each with a peer and a client's port of its
 * own; or `scan`, one peer that tries port after port of every interface. The account is generated into the folder first; what is
 * there already is taken as it is.
 *
 * Contestants, each a process of its own, pinned to one processor where `taskset` is there, in turn, three rounds, the median
 * of CPU seconds:
 * - Node's gunzip of the same files; and ISA-L's (`igzip`), the limit of what this machine could do, where it is installed;
 * - DuckDB, on one thread and on two, grouping by interface, addresses, smaller port and protocol;
 * - csv-parse, which only cuts lines into fields;
 * - the original's way: what AWS's sample does with a day, its query (rows of the same addresses, port and protocol that came more
 *   than five times) by csv-parse and a Map in place of Athena, and each row against each rule of the last group of its interface;
 * - `analyze` in one thread and, with what it takes by the clock, in two, everything written; and its readers alone.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { printTaken, race, type Contestant } from './race.ts';

const ROUNDS = 3;
const ROOT = join(import.meta.dirname, '../..');

const filesIn = (logs: string): string[] =>
  readdirSync(logs, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.log\.(gz|parquet)$/.test(name))
    .map((name) => join(logs, name));

/** What runs in a process of its own, which loads nothing but what it needs. */
const WORK: Readonly<Record<string, (logs: string) => Promise<void>>> = {
  gunzip: async (logs) => {
    for (const path of filesIn(logs)) gunzipSync(readFileSync(path));
    return Promise.resolve();
  },
  read: async (logs) => {
    const { localLogFile, stateOf } = await import('../../services/command-line/files/log-files.ts');
    const { readLog } = await import('../../shared/flowlogs/read-log.ts');
    let packets = 0;
    const record = (one: { packets: number }): void => void (packets += one.packets);
    const malformed = (line: number, reason: string): void => {
      throw new Error(`${String(line)}: ${reason}`);
    };
    for (const path of filesIn(logs)) await readLog(localLogFile(path, stateOf(path)), { record, malformed });
    if (packets === 0) throw new Error('no record');
  },
  duckdb: (logs) => grouped(logs, 1),
  'duckdb-2': (logs) => grouped(logs, 2),
  'csv-parse': async (logs) => {
    const { parse } = await import('csv-parse/sync');
    let fields = 0;
    for (const path of filesIn(logs)) {
      const rows = parse(gunzipSync(readFileSync(path)), { delimiter: ' ' });
      fields += rows.length;
    }
    if (fields === 0) throw new Error('no line');
  },
  original: async (logs) => {
    const { parse } = await import('csv-parse/sync');
    const { readInventory } = await import('../../services/command-line/files/read-inventory.ts');
    const { maskAddress, parseAddress, sameAddress } = await import('../../shared/addresses/address.ts');
    const { rules, interfaces } = await readInventory(join(logs, '../inventory'));
    const byGroup = Map.groupBy(rules, ({ groupId }) => groupId);
    const rows = new Map<string, number>();
    for (const path of filesIn(logs)) {
      const records = parse<Record<string, string>>(gunzipSync(readFileSync(path)), { delimiter: ' ', columns: true });
      for (const one of records) {
        const key = `${one['interface-id']!} ${one.srcaddr!} ${one.dstport!} ${one.protocol!}`;
        rows.set(key, (rows.get(key) ?? 0) + 1);
      }
    }
    const used = new Map<string, number>();
    for (const [key, count] of rows) {
      if (count <= 5) continue;
      const [interfaceId = '', address = '', port = '', protocol = ''] = key.split(' ');
      const [peer, last] = [parseAddress(address), interfaces.get(interfaceId)?.groupIds.at(-1) ?? ''];
      for (const { ruleId, protocolNumber, ports, peer: of } of byGroup.get(last) ?? []) {
        if (protocolNumber !== undefined && protocolNumber !== Number(protocol)) continue;
        if (ports && (Number(port) < ports.from || Number(port) > ports.to)) continue;
        if (of.type !== 'cidrIpv4' || peer?.family !== 4) continue;
        if (!sameAddress(maskAddress(peer, of.prefix.length), of.prefix.address)) continue;
        used.set(ruleId, (used.get(ruleId) ?? 0) + count);
      }
    }
    if (used.size === 0) throw new Error('no rule is used');
  },
};

/** For DuckDB, which would look for types in each file. */
function columnsIn(file: string): string {
  const [header = ''] = gunzipSync(readFileSync(file)).toString().split('\n', 1);
  const wide = new Set(['packets', 'bytes', 'start', 'end']);
  const types = header.split(' ').map((name) => {
    const type = wide.has(name) ? 'BIGINT' : ['srcport', 'dstport', 'protocol'].includes(name) ? 'INTEGER' : 'VARCHAR';
    return `'${name}': '${type}'`;
  });
  return `{${types.join(', ')}}`;
}

async function grouped(logs: string, threads: number): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:', { threads: String(threads) })).connect();
  const [first = ''] = filesIn(logs);
  const source = first.endsWith('.parquet')
    ? `read_parquet('${logs}/**/*.parquet')`
    : `read_csv('${logs}/**/*.log.gz', delim = ' ', header = true, nullstr = '-', quote = '', escape = '',
        auto_detect = false, columns = ${columnsIn(first)})`;
  const name = (field: string): string => (first.endsWith('.parquet') ? field.replaceAll('-', '_') : `"${field}"`);
  const { rows } = await rowsOf(
    connection,
    `select count(*) from (select ${name('interface-id')}, srcaddr, dstaddr, least(srcport, dstport), protocol, count(*),
      sum(packets), sum(bytes), min(start), max("end") from ${source} where action = 'ACCEPT' group by all)`,
  );
  if (rows === 0) throw new Error('no flow');
}

/** Of what `generate` does not make: v2 records in files of 5,000, of the interfaces of its inventory. */
function writeHostile(kind: 'strangers' | 'scan', records: number, folder: string): void {
  const pages = JSON.parse(readFileSync(join(folder, 'inventory/network-interfaces.json'), 'utf8')) as {
    NetworkInterfaces: { NetworkInterfaceId: string; PrivateIpAddress: string; OwnerId: string }[];
  };
  const owners = pages.NetworkInterfaces.filter(({ PrivateIpAddress }) => PrivateIpAddress);
  const logs = join(folder, 'logs');
  rmSync(logs, { recursive: true });
  mkdirSync(logs);
  const header =
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
  for (let first = 0; first < records; first += 5000) {
    const lines = [header];
    for (let i = first; i < Math.min(records, first + 5000); i++) {
      const { NetworkInterfaceId, PrivateIpAddress, OwnerId } = owners[i % owners.length]!;
      const stranger = `${String(11 + (i >> 24))}.${String((i >> 16) & 255)}.${String((i >> 8) & 255)}.${String(i & 255)}`;
      const [peer, from, to] =
        kind === 'scan'
          ? ['198.51.100.7', 40_000, Math.floor(i / owners.length) % 65_536]
          : [stranger, 1024 + (i % 64_512), 443];
      const start = 1_767_571_200 + Math.floor((i / records) * 86_000);
      lines.push(
        `2 ${OwnerId} ${NetworkInterfaceId} ${peer} ${PrivateIpAddress} ${from} ${to} 6 3 180 ${start} ${start + 60} ACCEPT OK`,
      );
    }
    writeFileSync(
      join(logs, `part-${String(first / 5000).padStart(5, '0')}.log.gz`),
      gzipSync(`${lines.join('\n')}\n`),
    );
  }
}

async function rowsOf(
  connection: { runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }> },
  sql: string,
): Promise<{ rows: number }> {
  const reader = await connection.runAndReadAll(sql);
  return { rows: Number(reader.getRows()[0]![0]) };
}

const LOGS = ['v2', 'v5', 'all', 'parquet', 'strangers', 'scan'] as const;
type Kind = (typeof LOGS)[number];

interface Made {
  readonly kind: Kind;
  readonly records: number;
  readonly rules: number;
  /** That the logs span: those of fewer minutes lie in fewer files, which are larger. */
  readonly minutes: number;
}

/** Generates an account, unless it is there. */
async function make({ kind, records, rules, minutes }: Made, folder: string): Promise<void> {
  if (existsSync(join(folder, 'truth', 'account.json'))) return;
  const isHostile = kind === 'strangers' || kind === 'scan';
  const made = isHostile ? ({ records: 10_000, format: 'v2' } as const) : { records, format: kind };
  const { generateAccount } = await import('../../services/generate-account/generate-account.ts');
  const { GENERATE_DEFAULTS } = await import('../../services/generate-account/options/options.ts');
  await generateAccount({ ...GENERATE_DEFAULTS, ...made, rules, interfaces: 500, minutes, out: folder });
  if (isHostile) writeHostile(kind, records, folder);
}

const own = (work: string, folder: string): Contestant => ({
  command: `${process.execPath} ${import.meta.filename} work ${work} ${join(folder, 'logs')}`,
  isFree: work === 'duckdb-2',
});

const PROGRAM = join(ROOT, 'services/command-line/bin/stale-sg.js');

function analyze(folder: string, threads = 1): Contestant {
  const places = `--inventory ${join(folder, 'inventory')} --logs ${join(folder, 'logs')} --out ${join(folder, 'out')}`;
  return { command: `${process.execPath} ${PROGRAM} analyze ${places} --threads ${threads}`, isFree: threads > 1 };
}

const discard =
  (...folders: readonly string[]) =>
  (): void => {
    for (const folder of folders) rmSync(join(folder, 'out'), { recursive: true, force: true });
  };

async function compare(kind: Kind, records: number, rules: number, folder: string): Promise<void> {
  await make({ kind, records, rules, minutes: 1440 }, folder);
  const contestants: Readonly<Record<string, Contestant>> = {
    ...(kind !== 'parquet' && {
      gunzip: own('gunzip', folder),
      'ISA-L': { command: `bash -c 'find ${join(folder, 'logs')} -name "*.gz" -print0 | xargs -0 igzip -dc'` },
      'csv-parse': own('csv-parse', folder),
      "the original's way": own('original', folder),
    }),
    'DuckDB, 1 thread': own('duckdb', folder),
    'DuckDB, 2 threads': own('duckdb-2', folder),
    'reading alone': own('read', folder),
    analyze: analyze(folder),
    'analyze, 2 threads': analyze(folder, 2),
  };
  const taken = race(contestants, ROUNDS, discard(folder));
  const { analyze: one, 'analyze, 2 threads': two } = taken;
  const files = filesIn(join(folder, 'logs')).length;
  console.log(`${records.toLocaleString('en')} records, ${kind}, ${String(rules)} rules, ${String(files)} files`);
  for (const base of ['gunzip', 'DuckDB, 1 thread']) {
    const other = taken[base];
    if (other) console.log(`analyze ÷ ${base}: ${(one!.cpu / other.cpu).toFixed(2)} of CPU seconds`);
  }
  console.log(`two threads ÷ one: ${(two!.wall / one!.wall).toFixed(2)} by the clock`);
  printTaken(taken, records);
}

/** The same records in both formats, in small files and in large ones. */
async function compareParquet(records: number, folder: string): Promise<void> {
  for (const minutes of [1440, 60]) {
    const [text, parquet] = (['v5', 'parquet'] as const).map((kind) => join(folder, `${kind}-${String(minutes)}`));
    await make({ kind: 'v5', records, rules: 2000, minutes }, text!);
    await make({ kind: 'parquet', records, rules: 2000, minutes }, parquet!);
    const taken = race(
      {
        'text, reading': own('read', text!),
        'Parquet, reading': own('read', parquet!),
        'text, analyze': analyze(text!),
        'Parquet, analyze': analyze(parquet!),
      },
      ROUNDS,
      discard(text!, parquet!),
    );
    const files = filesIn(join(parquet!, 'logs')).length;
    console.log(
      `${records.toLocaleString('en')} records in ${String(files)} files, records a second of Parquet ÷ text's`,
    );
    console.log(`reading: ${(taken['text, reading'].cpu / taken['Parquet, reading'].cpu).toFixed(2)}`);
    console.log(`analyze: ${(taken['text, analyze'].cpu / taken['Parquet, analyze'].cpu).toFixed(2)}`);
    printTaken(taken, records);
  }
}

/** Disk: 3 GB for the 50 million records of the default. */
async function compareMemory(records: number, folder: string): Promise<void> {
  const sizes = [records, 10 * records] as const;
  for (const size of sizes) {
    const at = join(folder, `v5-${String(size)}`);
    await make({ kind: 'v5', records: size, rules: 2000, minutes: 1440 }, at);
    printTaken(race({ [`${(size / 1e6).toFixed(0)} million records`]: analyze(at) }, 1, discard(at)), size);
  }
}

const [mode, first, second, third, fourth] = process.argv.slice(2);
const folderOf = (name: string): string => join(tmpdir(), `stale-sg-bench-${name}`);
if (mode === 'work') await WORK[first!]!(second!);
else if (mode === 'parquet')
  await compareParquet(Number(first ?? 2_000_000), second ?? folderOf(`parquet-${first ?? ''}`));
else if (mode === 'memory') await compareMemory(Number(first ?? 5_000_000), second ?? folderOf('memory'));
else {
  const kind = LOGS.find((one) => one === second) ?? 'v5';
  const [records, rules] = [Number(first ?? 2_000_000), Number(third ?? 2000)];
  await compare(kind, records, rules, fourth ?? folderOf(`${records}-${kind}-${rules}`));
}
