import { UsageBySource } from '../usage/by-source.ts';
import { resolvedUsage, type Addition, type RuleFacts } from '../usage/addition.ts';
import { STREAM } from '../usage/source.ts';
import type { Usage } from '../usage/usage.ts';
import type { Day } from '../time.ts';
import { ROW_KEYS, type RowChange } from './row-change.ts';
import { attributesOf } from './row-item.ts';
import { UsageReader } from './usage-items.ts';
import { isLastUse, usageRows } from './usage-rows.ts';

const VERSION = 1;

/**
 * What was added as one JSON document, in one line: to be handed from one process to another, and kept.
 *
 * @throws Error that names item and counter where a sum is not a whole number
 */
export function additionText(addition: Addition): string {
  // Last uses follow from the days.
  const changes = usageRows(addition, 0).filter((change) => !isLastUse(change));
  return JSON.stringify({ version: VERSION, changes: changes.map(withoutZeros), rules: [...addition.rules] });
}

/** A sum that is missing is zero, and most are. */
function withoutZeros(change: RowChange): RowChange {
  if (!change.sums) return change;
  return { ...change, sums: Object.fromEntries(Object.entries(change.sums).filter(([, value]) => value !== 0)) };
}

/** @throws Error that says `name` for another version */
export function readAddition(text: string, name: string): Addition {
  const { version, changes, rules } = JSON.parse(text) as {
    version: number;
    changes: readonly RowChange[];
    rules: [string, RuleFacts][];
  };
  if (version !== VERSION) throw new Error(`${name}: version ${version}; this program reads version ${VERSION}`);
  const reader = new UsageReader();
  for (const change of changes) {
    const { partition, sort = '' } = ROW_KEYS[change.table];
    const item = { [partition]: { S: change.key[0] }, [sort]: { S: change.key[1] }, ...attributesOf(change) };
    if (change.table === 'rulesUsage') reader.addRule(item);
    else reader.addDay(item);
  }
  return { days: reader.days(), rules: new Map(rules) };
}

/** Usage of one day, as {@link additionText}. */
export function partText(day: Day, usage: Usage, rules: ReadonlyMap<string, RuleFacts>): string {
  const sources = new UsageBySource([[STREAM, usage]]);
  return additionText({ days: new Map([[day, { sources, malformedSamples: [] }]]), rules });
}

/** @throws Error that says `name` for another version */
export function readPart(text: string, name: string): { usage: Usage; rules: ReadonlyMap<string, RuleFacts> } {
  const addition = readAddition(text, name);
  return { usage: resolvedUsage(addition), rules: addition.rules };
}
