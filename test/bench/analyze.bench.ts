/**
 * What `analyze` costs beside what nobody can do without, and beside others: `npm run bench`.
 *
 *     npm run bench -- [records, default 2 million] [logs, default v5] [rules, default 2,000] [folder]
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
 * - `analyze` in one thread and, with what it takes by the clock, in two, everything written.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

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

interface Taken {
  readonly cpu: number;
  /** By the clock. */
  readonly wall: number;
}

/** Seconds of a command and its children, as bash tells them; undefined where it failed. */
function secondsOf(command: string, isPinned: boolean): Taken | undefined {
  const canPin = isPinned && spawnSync('taskset', ['-c', '0', 'true']).status === 0;
  const timed = `TIMEFORMAT='%U %S %R'; time ${canPin ? `taskset -c 1 ${command}` : command} > /dev/null`;
  const { status, stderr } = spawnSync('bash', ['-c', timed], { encoding: 'utf8', cwd: ROOT });
  const [user = 0, system = 0, wall = 0] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return status === 0 ? { cpu: user + system, wall } : undefined;
}

const LOGS = ['v2', 'v5', 'all', 'parquet', 'strangers', 'scan'] as const;

/** Not pinned: these have two threads. */
const UNPINNED: ReadonlySet<string> = new Set(['DuckDB, 2 threads', 'analyze, 2 threads']);

async function compare(kind: (typeof LOGS)[number], records: number, rules: number, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'truth', 'account.json'))) {
    const isHostile = kind === 'strangers' || kind === 'scan';
    const made = isHostile ? ({ records: 10_000, format: 'v2' } as const) : { records, format: kind };
    const { generateAccount } = await import('../../services/generate-account/generate-account.ts');
    const { GENERATE_DEFAULTS } = await import('../../services/generate-account/options/options.ts');
    await generateAccount({ ...GENERATE_DEFAULTS, ...made, rules, interfaces: 500, minutes: 1440, out: folder });
    if (isHostile) writeHostile(kind, records, folder);
  }
  const logs = join(folder, 'logs');
  const out = join(folder, 'out');
  const own = (work: string): string => `${process.execPath} ${import.meta.filename} work ${work} ${logs}`;
  const program = join(ROOT, 'services/command-line/bin/stale-sg.js');
  const analyze = `${process.execPath} ${program} analyze --inventory ${join(folder, 'inventory')} --logs ${logs} --out ${out}`;
  const contestants = {
    ...(kind !== 'parquet' && {
      gunzip: own('gunzip'),
      'ISA-L': `bash -c 'find ${logs} -name "*.gz" -print0 | xargs -0 igzip -dc'`,
      'csv-parse': own('csv-parse'),
      "the original's way": own('original'),
    }),
    'DuckDB, 1 thread': own('duckdb'),
    'DuckDB, 2 threads': own('duckdb-2'),
    analyze: `${analyze} --threads 1`,
    'analyze, 2 threads': `${analyze} --threads 2`,
  };
  const taken = new Map<string, Taken[]>(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of Object.entries(contestants)) {
      rmSync(out, { recursive: true, force: true });
      const seconds = secondsOf(command, !UNPINNED.has(name));
      if (seconds) taken.get(name)!.push(seconds);
    }
  }
  const median = (name: string, of: keyof Taken = 'cpu'): number => {
    const all = taken
      .get(name)!
      .map((one) => one[of])
      .sort((a, b) => a - b);
    return all[all.length >> 1] ?? Number.NaN;
  };
  console.log(
    `${records.toLocaleString('en')} records, ${kind}, ${String(rules)} rules, ${String(filesIn(logs).length)} files`,
  );
  for (const base of ['gunzip', 'DuckDB, 1 thread'].filter((name) => name in contestants)) {
    console.log(`analyze ÷ ${base}: ${(median('analyze') / median(base)).toFixed(2)} of CPU seconds`);
  }
  const ratio = median('analyze, 2 threads', 'wall') / median('analyze', 'wall');
  console.log(`two threads ÷ one: ${ratio.toFixed(2)} by the clock`);
  for (const name of Object.keys(contestants)) {
    const cpu = median(name);
    const each = ((cpu / records) * 1e6).toFixed(2);
    const told = `${cpu.toFixed(2)} CPU s, ${each} µs a record, ${median(name, 'wall').toFixed(2)} s by the clock`;
    console.log(`${name.padEnd(19)} ${Number.isNaN(cpu) ? 'not here' : told}`);
  }
}

const [first, second, third, fourth] = process.argv.slice(2);
if (first === 'work') await WORK[second!]!(third!);
else {
  const kind = LOGS.find((one) => one === second) ?? 'v5';
  const [records, rules] = [Number(first ?? 2_000_000), Number(third ?? 2000)];
  await compare(kind, records, rules, fourth ?? join(tmpdir(), `stale-sg-bench-${records}-${kind}-${rules}`));
}
