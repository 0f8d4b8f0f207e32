import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { scanned, type StoredItem } from '../../../shared/aws/table.ts';
import { parseRuleId } from '../../../shared/inventory/versioned-rules.ts';
import { dayOf, isoDay, type Day } from '../../../shared/time.ts';
import { COUNTER_NAMES, COUNTERS, LATEST, LATEST_NAMES } from '../../../shared/usage/counters.ts';
import type { Usage } from '../../../shared/usage/usage.ts';

type Numbers = Readonly<Record<string, number>>;

/** What the table of rules says, or ought to say. */
export interface ShownRules {
  /** By rule and `day#stream`, with the content behind: what is not zero. */
  readonly counters: Readonly<Record<string, Numbers>>;
  /** By rule and `last`, with the content behind: UTC days. */
  readonly lastUses: Readonly<Record<string, Numbers>>;
}

const COLUMNS = [...Object.values(COUNTERS), ...Object.values(LATEST)];

/** What anybody finds who looks into the table. */
export async function rulesInTable(client: DynamoDBClient, table: string): Promise<ShownRules> {
  const counters: Record<string, Numbers> = {};
  const lastUses: Record<string, Numbers> = {};
  for await (const item of scanned(client, { table, consistent: true })) {
    const key = `${item.rule_id!.S!} ${item.day_source!.S!}`;
    const numbers = numbersOf(item);
    if (item.day_source!.S!.startsWith('last')) lastUses[key] = inDays(numbers);
    else if (Object.keys(numbers).length > 0) counters[key] = numbers;
  }
  return { counters, lastUses };
}

function numbersOf(item: StoredItem): Numbers {
  const there = COLUMNS.flatMap((name) => (item[name] ? [[name, Number(item[name].N)] as const] : []));
  return Object.fromEntries(there);
}

function inDays(times: Numbers): Record<string, Day> {
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [name, dayOf(time)]));
}

/** What the table is to say of this usage, once all of it is shown. */
export function rulesOf(usage: Usage): ShownRules {
  const counters: Record<string, Numbers> = {};
  const lastUses: Record<string, Record<string, Day>> = {};
  for (const [id, days] of usage.rules) {
    const { ruleId, content } = parseRuleId(id);
    const key = (when: string): string => `${ruleId} ${when}${content === undefined ? '' : `#${content}`}`;
    for (const [day, use] of days) {
      const sums = COUNTER_NAMES.filter((name) => use[name] !== 0).map((name) => [COUNTERS[name], use[name]] as const);
      const times = LATEST_NAMES.filter((name) => use[name] >= 0).map((name) => [LATEST[name], use[name]] as const);
      const numbers = Object.fromEntries([...sums, ...times]);
      if (Object.keys(numbers).length > 0) counters[key(`${isoDay(day)}#stream`)] = numbers;
      if (times.length === 0) continue;
      const last = (lastUses[key('last')] ??= {});
      for (const [name, time] of times) last[name] = Math.max(last[name] ?? -1, dayOf(time));
    }
  }
  return { counters, lastUses };
}
