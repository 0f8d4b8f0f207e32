/**
 * A whole day on one machine: folded in DuckDB by Athena's query, attributed by the core. Time, memory at its peak, and what
 * attribution takes of a processor for a million rows of the fold, from reading them to sums and service flows.
 *
 *     npm run bench:night -- [records, default 50 million] [format: v2, v5 or parquet, default v5] [DuckDB's MiB] [statements] [folder]
 *
 * The account is generated first, into the folder, by a process of its own; what is there already is taken as it is.
 * 50 million records of v5 take 3 GB of disk, and what DuckDB spills where its memory does not do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readInventory } from '../../services/command-line/files/read-inventory.ts';
import { attributePart } from '../../services/reconcile-usage/attribute-part.ts';
import { foldFiles, type Resources } from '../../services/reconcile-usage/fold-files.ts';
import { layOut } from '../../services/reconcile-usage/local-logs.ts';
import { flowLogFileName } from '../../shared/flowlogs/file-name.ts';
import type { FoldedRow } from '../../shared/flowlogs/folded-record.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { FATES, type Usage } from '../../shared/usage/usage.ts';
import { emptyLogDay } from '../../shared/usage/log-days.ts';

const [records = '50000000', format = 'v5', memory = '10240', statements = '1', given] = process.argv.slice(2);
const folder = given ?? join(tmpdir(), `stale-sg-night-${records}-${format}`);
const DAY = Date.UTC(2026, 0, 5) / 86_400_000;

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const peak = (): string => `${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`;
const millions = (count: number): string => `${(count / 1e6).toFixed(2)} million`;

function generate(): void {
  if (existsSync(join(folder, 'truth', 'account.json'))) return;
  const started = performance.now();
  const shape = ['--interfaces', '2000', '--rules', '5000', '--minutes', '1440', '--seed', '1'];
  const program = join(import.meta.dirname, '..', '..', 'services', 'command-line', 'bin', 'stale-sg.js');
  const size = ['--records', records, '--format', format, '--out', folder];
  const { status } = spawnSync(process.execPath, [program, 'generate', ...shape, ...size], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the account was not generated');
  console.log(`generated in ${seconds(started)}`);
}

/** When the first row came: then DuckDB has read and grouped all, for the logs are of one format. */
let folded: NodeJS.CpuUsage | undefined;

async function* rowsOf(
  paths: readonly string[],
  resources: Resources,
  laidOut: string,
): AsyncGenerator<readonly FoldedRow[]> {
  let started = performance.now();
  const folders = await layOut(paths, DAY, laidOut);
  console.log(`${paths.length} files checked and laid out in ${seconds(started)}, peak ${peak()}`);
  for (const each of folders) {
    started = performance.now();
    for await (const rows of foldFiles(each, DAY, resources)) {
      if (!folded) {
        console.log(`folded in ${seconds(started)}, peak ${peak()}`);
        folded = process.cpuUsage();
      }
      yield rows;
    }
  }
}

const total = ({ fates }: Usage): number => FATES.reduce((sum, fate) => sum + fates[fate], 0);

generate();
const logs = join(folder, 'logs');
const names = readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((name) => flowLogFileName(name));
const paths = names.map((name) => join(logs, name));
const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
console.log(`${names.length} files, ${Math.round(bytes / 2 ** 20)} MiB`);

const scratch = join(folder, 'scratch');
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch);
const compiled = new CompiledInventory(await readInventory(join(folder, 'inventory')));
const heard = new Map(names.map((name) => [flowLogFileName(name)!.flowLogId, { ...emptyLogDay(), hours: 0xffffff }]));
const resources = {
  spillFolder: join(scratch, 'spill'),
  memory: Number(memory),
  threads: 2,
  statements: Number(statements),
};
const started = performance.now();
const part = await attributePart(rowsOf(paths, resources, join(scratch, 'logs')), compiled, heard);
console.log(
  `${millions(total(part.usage))} records in ${millions(part.rows)} rows (${Math.round((part.rows / part.records) * 1e6)} ` +
    `a million), ${millions(part.flows.count())} service flows, ${part.usage.rules.size} rules used or possibly so`,
);
const { user, system } = process.cpuUsage(folded);
console.log(
  `attribution: ${((user + system) / part.rows).toFixed(2)} CPU s a million rows, from reading them to sums and flows`,
);
console.log(`folded and attributed in ${seconds(started)}, peak of DuckDB and Node together ${peak()}`);
rmSync(scratch, { recursive: true });
