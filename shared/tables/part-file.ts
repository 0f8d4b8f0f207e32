import type { RuleFacts } from '../usage/addition.ts';
import type { Usage } from '../usage/usage.ts';
import type { RowChange } from './row-change.ts';
import { attributesOf } from './row-item.ts';
import { UsageReader } from './usage-items.ts';
import { isLastUse, usageRows } from './usage-rows.ts';
import { TABLE_KEYS } from '../names.ts';
import { UsageBySource } from '../usage/by-source.ts';
import { STREAM } from '../usage/source.ts';
import type { Day } from '../time.ts';

const VERSION = 1;

/** Usage of one day as one JSON document, to be handed from one process to another. */
export function partText(day: Day, usage: Usage, rules: ReadonlyMap<string, RuleFacts>): string {
  const changes = usageRows(
    { days: new Map([[day, { sources: new UsageBySource([[STREAM, usage]]), malformedSamples: [] }]]), rules },
    0,
  );
  // Last uses follow from the days.
  const kept = changes.filter((change) => !isLastUse(change)).map(withoutZeros);
  return JSON.stringify({ version: VERSION, changes: kept, rules: [...rules] });
}

/** A sum that is missing is zero, and most are. */
function withoutZeros(change: RowChange): RowChange {
  if (!change.sums) return change;
  return { ...change, sums: Object.fromEntries(Object.entries(change.sums).filter(([, value]) => value !== 0)) };
}

/** @throws Error that says `name` for another version */
export function readPart(text: string, name: string): { usage: Usage; rules: ReadonlyMap<string, RuleFacts> } {
  const { version, changes, rules } = JSON.parse(text) as {
    version: number;
    changes: readonly RowChange[];
    rules: [string, RuleFacts][];
  };
  if (version !== VERSION) throw new Error(`${name}: version ${version}; this program reads version ${VERSION}`);
  const reader = new UsageReader();
  for (const change of changes) {
    const { partition, sort = '' } = TABLE_KEYS[change.table];
    const item = { [partition]: { S: change.key[0] }, [sort]: { S: change.key[1] }, ...attributesOf(change) };
    if (change.table === 'rulesUsage') reader.addRule(item);
    else reader.addDay(item);
  }
  return { usage: reader.counters().usage, rules: new Map(rules) };
}
