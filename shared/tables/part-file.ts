import { UsageBySource } from '../usage/by-source.ts';
import { resolvedUsage, type Addition, type RuleFacts } from '../usage/addition.ts';
import { STREAM } from '../usage/source.ts';
import type { Usage } from '../usage/usage.ts';
import type { Day } from '../time.ts';
import type { RowChange } from './row-change.ts';
import { usageOfRows } from './usage-of-rows.ts';
import { usageRows } from './usage-rows.ts';

const VERSION = 1;

/**
 * What was added as one JSON document, in one line: to be handed from one process to another, and kept.
 *
 * @throws Error that names row and counter where a sum is not a whole number
 */
export function additionText(addition: Addition): string {
  return JSON.stringify({ version: VERSION, changes: usageRows(addition, 0), rules: [...addition.rules] });
}

/** @throws Error that says `name` for another version */
export function readAddition(text: string, name: string): Addition {
  const { version, changes, rules } = JSON.parse(text) as {
    version: number;
    changes: readonly RowChange[];
    rules: [string, RuleFacts][];
  };
  if (version !== VERSION) throw new Error(`${name}: version ${version}; this program reads version ${VERSION}`);
  return { days: usageOfRows(changes), rules: new Map(rules) };
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
