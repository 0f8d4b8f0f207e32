import { TransactWriteItemsCommand, UpdateItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { readBatch } from '../../shared/aws/batch-files.ts';
import {
  batchesAfter,
  compacted,
  COMPACTED_KEY,
  logHead,
  DAYS_PER_NUMBER,
  type Compacted,
} from '../../shared/aws/batch-log.ts';
import { RuleView } from '../../shared/aws/rule-view.ts';
import {
  ofDay,
  StreamedDays,
  sumsItem,
  writeSums,
  type CountedPlace,
  type DaySums,
} from '../../shared/aws/streamed-days.ts';
import { attributes, conditionHeld, expressions } from '../../shared/aws/table.ts';
import { EXPIRES_AT, expiryOf } from '../../shared/names.ts';
import type { RowChange } from '../../shared/tables/row-change.ts';
import { recordOf } from '../../shared/record-of.ts';
import { lastUseRow, ruleRow } from '../../shared/tables/usage-rows.ts';
import { dayOf, isoDay, type Day } from '../../shared/time.ts';
import { AdditionSum, resolvedUsage, usagesIn, type Addition } from '../../shared/usage/addition.ts';
import { COUNTER_NAMES, LATEST_NAMES, type LatestTimes } from '../../shared/usage/counters.ts';
import { STREAM } from '../../shared/usage/source.ts';
import { emptyRuleDay, type RuleDay } from '../../shared/usage/usage.ts';

export interface CompactorOptions extends CountedPlace {
  /** Days that sums and counters are kept after their own. */
  readonly retentionDays: number;
}

/** What one compaction did. */
export interface Compaction {
  readonly batches: number;
  /** Batches that were committed before it began and are not in the sums: more than it takes at once. */
  readonly left: number;
  readonly rules: number;
}

/** Put together at once at most, however much time there is. */
const MAX_BATCHES = 100;

/** What the table of rules is to say of days. */
interface Shown {
  readonly counters: RowChange[];
  readonly lastUses: RowChange[];
}

/** Batches that went into sums. */
interface Added extends Shown {
  readonly batches: number;
  readonly through: number;
}

/**
 * Puts committed batches into the sums of their days, and shows the counters of the rules that changed. One at a time is
 * enough; several do no harm: one number says which batches are in, and it moves with the sums in one transaction.
 */
export class Compactor {
  readonly #options: CompactorOptions;
  readonly #days: StreamedDays;
  readonly #view: RuleView;

  constructor(options: CompactorOptions) {
    this.#options = options;
    this.#days = new StreamedDays(options);
    this.#view = new RuleView(options.client, options.tables.rulesUsage);
  }

  /**
   * As many batches as it can read in half of the time that is left, one at least. Dies anywhere: the next one finds the
   * rest, and does it again. Sums come first: what is wrong with the table of rules keeps nothing out of them.
   *
   * @param timeLeft milliseconds
   * @throws Error that names the day, where sums that somebody else put together are not seen yet
   */
  async compact(timeLeft: () => number = () => Infinity): Promise<Compaction> {
    const { client, tables } = this.#options;
    const enough = timeLeft() / 2;
    const before = await compacted(client, tables.state);
    await this.#checkSeen(before);
    const { seq } = await logHead(client, tables.state);
    const added = await this.#add(before.through, () => timeLeft() >= enough);
    const through = added?.through ?? before.through;
    // Who lost them to somebody else leaves none.
    const result = { batches: added?.batches ?? 0, left: added ? Math.max(0, seq - through) : 0 };
    // Somebody died between the two, or had no time: the rules of what was added now are among those that are shown again.
    if (before.counters < before.through) return { ...result, rules: await this.#showAgain(before.counters, through) };
    if (!added) return { ...result, rules: 0 };
    // By the number of these very sums: under a smaller one, what is older could take their place.
    await this.#view.show(added.counters, through);
    await this.#view.moveLastUses(added.lastUses);
    await this.#noteShown(through);
    return { ...result, rules: added.counters.length };
  }

  /** Undefined where there are none, or where somebody else has added them meanwhile. */
  async #add(from: number, hasTime: () => boolean): Promise<Added | undefined> {
    const { batches, through, days } = await this.#next(from, hasTime);
    if (batches === 0) return undefined;
    const items: TransactWriteItem[] = [];
    const gone: string[] = [];
    const shown: Shown = { counters: [], lastUses: [] };
    // One by one: of a day in memory there are its rules that changed, and no more.
    for (const [day, { records, sum }] of days) {
      const sums = await this.#days.sums(day);
      const before = sums ? await this.#days.read(sums) : NOTHING;
      const after = new AdditionSum();
      after.add(before);
      after.add(sum);
      const key = await writeSums(this.#options.bucket, day, through, after);
      const next: DaySums = { day, key, former: sums?.key, through, records: records + (sums?.records ?? 0) };
      const Item = { ...sumsItem(next), ...attributes({ [EXPIRES_AT]: this.#expiresAt(day) }) };
      items.push({ Put: { TableName: this.#options.tables.state, Item } });
      if (sums?.former !== undefined) gone.push(sums.former);
      this.#rowsOf(day, before, after, shown);
    }
    // Dies before the next line: files of sums that nobody names, which the next one may write again. After it: the sums
    // hold the batches, and `counters` tells that their rules are to be shown.
    if (!(await this.#advance(from, through, items))) return undefined;
    for (const key of gone) await this.#options.bucket.remove(key);
    return { batches, through, ...shown };
  }

  /** What batches add to days that are kept. */
  async #next(from: number, hasTime: () => boolean) {
    const days = new Map<Day, { records: number; readonly sum: AdditionSum }>();
    let [batches, through] = [0, from];
    for await (const batch of batchesAfter(this.#options.client, this.#options.tables.state, from)) {
      const kept = [...batch.days].filter(([day]) => !this.#isExpired(day));
      const more = kept.filter(([day]) => !days.has(day)).length;
      const isTooMuch = batches === MAX_BATCHES || days.size + more > DAYS_PER_NUMBER || !hasTime();
      if (batches > 0 && isTooMuch) break;
      const addition = kept.length > 0 ? await readBatch(this.#options.bucket, batch.key) : NOTHING;
      for (const [day, records] of kept) {
        const news = days.get(day) ?? { records: 0, sum: new AdditionSum() };
        news.records += records;
        news.sum.add(ofDay(addition, day));
        days.set(day, news);
      }
      batches++;
      through = batch.seq;
    }
    return { batches, through, days };
  }

  /** True where the batches were not in yet; with them in, all items are as given. */
  async #advance(from: number, to: number, items: readonly TransactWriteItem[]): Promise<boolean> {
    const head: TransactWriteItem = {
      Update: {
        TableName: this.#options.tables.state,
        Key: COMPACTED_KEY,
        ...expressions(
          {
            UpdateExpression: 'SET #through = :to',
            ConditionExpression: from === 0 ? 'attribute_not_exists(#through)' : '#through = :from',
          },
          { from, to },
        ),
      },
    };
    const write = this.#options.client.send(new TransactWriteItemsCommand({ TransactItems: [head, ...items] }));
    return conditionHeld(write, { onConflict: 'notHeld' });
  }

  /**
   * Of the transaction of one who died, or who is still at it, the pointer may be seen before the sums, which nobody may
   * add to until they are.
   */
  async #checkSeen({ through, counters }: Compacted): Promise<void> {
    if (counters >= through) return;
    const touched = new Map<Day, number>();
    for await (const { seq, days } of batchesAfter(this.#options.client, this.#options.tables.state, counters)) {
      if (seq > through) break;
      for (const day of days.keys()) touched.set(day, seq);
    }
    for (const [day, last] of touched) {
      if (this.#isExpired(day)) continue;
      const upTo = (await this.#days.sums(day))?.through ?? 0;
      if (upTo >= last) continue;
      const unseen = `${isoDay(day)}: sums are seen up to batch ${String(upTo)}, and hold batch ${String(last)}`;
      const remedy = `run its night again (stale-sg backfill), then set "counters" of the item "compacted" to ${String(through)}`;
      throw new Error(
        `${unseen}; the next run looks again. If it stays so, the item of the sums was lost or set back: ${remedy}`,
      );
    }
  }

  /** Shows all rules of the days of batches behind the one, a few days at a time, and notes how far it has come. */
  async #showAgain(counters: number, through: number): Promise<number> {
    let rules = 0;
    let [days, last] = [new Set<Day>(), counters];
    for await (const batch of batchesAfter(this.#options.client, this.#options.tables.state, counters)) {
      if (batch.seq > through) break;
      if (last > counters && new Set([...days, ...batch.days.keys()]).size > DAYS_PER_NUMBER) {
        rules += await this.#showDays(days, last);
        days = new Set();
      }
      for (const day of batch.days.keys()) days.add(day);
      last = batch.seq;
    }
    return rules + (await this.#showDays(days, through));
  }

  async #showDays(days: ReadonlySet<Day>, upTo: number): Promise<number> {
    let rules = 0;
    for (const day of days) {
      const sums = await this.#days.sums(day);
      if (!sums) continue;
      const shown: Shown = { counters: [], lastUses: [] };
      this.#rowsOf(day, undefined, await this.#days.read(sums), shown);
      await this.#view.show(shown.counters, sums.through);
      await this.#view.moveLastUses(shown.lastUses);
      rules += shown.counters.length;
    }
    await this.#noteShown(upTo);
    return rules;
  }

  /**
   * The rules whose counters are others than before; their last use where its day is a new one. Of last uses every source
   * counts, whatever its condition comes to: what was seen as a use once must not be gone the next minute.
   *
   * @param before undefined where nobody knows what of it was shown
   */
  #rowsOf(day: Day, before: Addition | undefined, after: Addition, shown: Shown): void {
    const [said, told] = [resolvedUsage(after), before && resolvedUsage(before)];
    const had = lastUsesIn(before ?? NOTHING);
    // Of those too that count no more, since they did so under a condition.
    for (const [id, last] of lastUsesIn(after)) {
      const facts = after.rules.get(id);
      const isMoved = LATEST_NAMES.some((name) => (had.get(id)?.[name] ?? -1) < 0 && last[name] >= 0);
      if (isMoved) shown.lastUses.push(lastUseRow({ id, facts, use: last }));
      const use = said.rules.get(id)?.get(day) ?? emptyRuleDay();
      if (told && isSame(told.rules.get(id)?.get(day) ?? emptyRuleDay(), use)) continue;
      const rule = { id, facts, of: day, source: STREAM, day, use };
      shown.counters.push(ruleRow(rule, this.#options.retentionDays));
    }
  }

  /** That the counters say all up to there; they may say more already. */
  async #noteShown(through: number): Promise<void> {
    const ConditionExpression = 'attribute_not_exists(#counters) OR #counters < :through';
    const note = expressions({ UpdateExpression: 'SET #counters = :through', ConditionExpression }, { through });
    const place = { TableName: this.#options.tables.state, Key: COMPACTED_KEY };
    await conditionHeld(this.#options.client.send(new UpdateItemCommand({ ...place, ...note })));
  }

  /** UNIX seconds. Of days to come, which nobody who tells the time aright tells of: no later than of today. */
  #expiresAt(day: Day): number {
    return expiryOf(Math.min(day, dayOf(Date.now() / 1000)), this.#options.retentionDays);
  }

  #isExpired(day: Day): boolean {
    return this.#expiresAt(day) <= Date.now() / 1000;
  }
}

const NOTHING: Addition = { days: new Map(), rules: new Map() };

/** By rule, all that any source tells of: the latest, whether it counts or not. */
function lastUsesIn(addition: Addition): ReadonlyMap<string, LatestTimes> {
  const last = new Map<string, LatestTimes>();
  for (const { rules } of usagesIn(addition)) {
    for (const [id, byDay] of rules) {
      for (const use of byDay.values()) {
        const before = last.get(id) ?? use;
        last.set(
          id,
          recordOf(LATEST_NAMES, (name) => Math.max(before[name], use[name])),
        );
      }
    }
  }
  return last;
}

function isSame(a: RuleDay, b: RuleDay): boolean {
  return [...COUNTER_NAMES, ...LATEST_NAMES].every((name) => a[name] === b[name]);
}
