/** What CPU time one record costs from bytes to sums, with few rules and with many: `npm run bench:rules`. */
import { Attribution } from '../../shared/attribution/attribution.ts';
import { TextReader } from '../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { emptyUsage } from '../../shared/usage/usage.ts';
import { CASES, inventoryOf, logText } from './rules-load.ts';
import { DayCount } from '../../shared/attribution/day-count.ts';
import { UsageBySource } from '../../shared/usage/by-source.ts';
import { STREAM } from '../../shared/usage/source.ts';

const RECORDS = 500_000;
const RUNS = 5;
/** CPU seconds for all records, and how many were attributed (so that the work cannot be left out). */
function run(text: Uint8Array, compiled: CompiledInventory | undefined): { seconds: number; attributed: number } {
  const usage = emptyUsage();
  const attribution = compiled && new Attribution(compiled, usage);
  const counting =
    attribution &&
    new DayCount(compiled, new UsageBySource([[STREAM, usage]]), undefined, attribution).file({ flowLogId: undefined });
  const started = process.cpuUsage();
  const reader = new TextReader({
    rows: (rows, from) => counting?.rows(rows, from) ?? from,
    record: (record) => counting?.add(record),
    malformed: (line, reason) => {
      throw new Error(`line ${String(line)}: ${reason}`);
    },
  });
  for (let at = 0; at < text.length; at += 65_536) reader.push(text.subarray(at, at + 65_536));
  reader.end();
  attribution?.finish();
  const { user, system } = process.cpuUsage(started);
  return { seconds: (user + system) / 1e6, attributed: usage.fates.attributed };
}

const text = logText(RECORDS);
const cases = CASES.map((one) => {
  const started = performance.now();
  const compiled = one.rules === 0 ? undefined : new CompiledInventory(inventoryOf(one));
  return {
    ...one,
    compiled,
    compileSeconds: (performance.now() - started) / 1000,
    runs: [] as number[],
    attributed: 0,
  };
});
for (let round = 0; round <= RUNS; round++) {
  for (const one of cases) {
    const { seconds, attributed } = run(text, one.compiled);
    one.attributed = attributed;
    if (round > 0) one.runs.push(seconds);
  }
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const base = median(cases[1]!.runs);
console.log(`${String(RECORDS)} records, median of ${String(RUNS)} runs after one warm-up`);
for (const { name, runs, attributed, compileSeconds } of cases) {
  const seconds = median(runs);
  console.log(
    `${name.padEnd(22)} ${String(Math.round(RECORDS / seconds)).padStart(8)} records/s ` +
      `${((seconds / RECORDS) * 1e9).toFixed(0).padStart(6)} ns a record, ${(seconds / base).toFixed(2)} × that of 100 rules, ` +
      `${String(attributed)} attributed, compiled in ${compileSeconds.toFixed(2)} s`,
  );
}
