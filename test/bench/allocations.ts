/**
 * How many bytes a record leaves for the garbage collector once all is known of its kind: a figure that no busy machine changes. A
 * process of its own, with so much room for young objects that nothing is collected; it prints JSON, of which
 * `work-per-record.test.ts` holds the bounds.
 */
import { Attribution } from '../../shared/attribution/attribution.ts';
import { noDuplicates } from '../../shared/attribution/duplicate-log.ts';
import { TextReader } from '../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { emptyUsage } from '../../shared/usage/usage.ts';
import { CASES, inventoryOf, logText } from './rules-load.ts';

const RECORDS = 100_000;

const text = logText(RECORDS);
const origin = { flowLogId: undefined, isDuplicate: noDuplicates };
const figures = CASES.map((one) => {
  const attribution =
    one.rules === 0 ? undefined : new Attribution(new CompiledInventory(inventoryOf(one)), emptyUsage());
  const pass = (): number => {
    const before = process.memoryUsage().heapUsed;
    const reader = new TextReader({
      record: (record) => attribution?.add(record, origin),
      malformed: (line, reason) => {
        throw new Error(`line ${String(line)}: ${reason}`);
      },
    });
    for (let at = 0; at < text.length; at += 65_536) reader.push(text.subarray(at, at + 65_536));
    reader.end();
    return (process.memoryUsage().heapUsed - before) / RECORDS;
  };
  pass();
  // Compiled by now, and all that can be known is.
  pass();
  globalThis.gc?.();
  return { name: one.name, bytes: pass() };
});
console.log(JSON.stringify(figures));
