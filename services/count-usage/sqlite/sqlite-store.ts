import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ruleContent } from '../../../shared/inventory/content.ts';
import type { Inventory, Rule } from '../../../shared/inventory/inventory.ts';
import type { MalformedSample } from '../../../shared/flowlogs/malformed.ts';
import { namedError } from '../../../shared/text/named-error.ts';
import { addResolved } from '../../../shared/usage/by-source.ts';
import { addUsage } from '../../../shared/usage/merge.ts';
import { missingRecords } from '../../../shared/usage/missing-records.ts';
import { type Usage, emptyUsage } from '../../../shared/usage/usage.ts';
import { openStoreFile } from './sqlite-file.ts';
import { rowAdder, sqliteRows, SQLITE_TABLES, type RowAdder } from './sqlite-tables.ts';
import { nightsOn, readUsage, usageWriter, type StoredUsage } from './sqlite-usage.ts';
import { firstSamples, type Addition, type CountedUsage } from '../../../shared/usage/addition.ts';
import type { ObjectName, ObjectNote, UsageStore } from '../ports/usage-store.ts';
import { isoDay, type Day } from '../../../shared/time.ts';

/** A rule as the store knows it. */
export interface StoredRule {
  readonly rule: Rule;
  /** UNIX seconds; undefined for a rule of the inventory last given. */
  readonly removedAt: number | undefined;
}

/** All that a nightly run says of its day. */
export interface SettledNight {
  readonly day: Day;
  readonly run: string;
  readonly usage: Usage;
  /** Kept as they are. */
  readonly figures: string;
  readonly drift: string;
}

/** Counters in one SQLite file. */
export class SqliteStore implements UsageStore {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #add: RowAdder;
  readonly #addUsage;
  readonly #noteOf: StatementSync;
  readonly #note: StatementSync;

  /** With `create`, makes the file where there is none. */
  constructor(path: string, { create }: { readonly create: boolean }) {
    this.#path = path;
    this.#db = openStoreFile(path, create);
    this.#add = rowAdder(this.#db);
    this.#addUsage = usageWriter(this.#db, this.#add);
    this.#noteOf = this.#db.prepare('SELECT name, version, flow_log_id FROM "objects" WHERE name = ?');
    this.#note = this.#db.prepare('INSERT INTO "objects" (name, version, flow_log_id) VALUES (?, ?, ?)');
  }

  close(): void {
    this.#db.close();
  }

  async addOnce(objects: readonly ObjectNote[], addition: Addition): Promise<readonly ObjectNote[]> {
    // IMMEDIATE: nobody else writes from the look at the notes to the commit, so what was not noted is not noted.
    const taken = this.#transaction('IMMEDIATE', () => {
      const known = objects.flatMap(({ name }) => this.#known(name) ?? []);
      if (known.length > 0) return known;
      for (const { name, version, flowLogId = null } of objects) this.#note.run(name, version, flowLogId);
      // Dies here, between the lines, or in the commit: SQLite undoes all of it, when the file is opened next.
      for (const [day, { sources, malformedSamples }] of addition.days) {
        for (const [source, usage] of sources) this.#addUsage(day, source, usage);
        this.#keepMalformed(malformedSamples);
      }
      return [];
    });
    return Promise.resolve(taken);
  }

  async counted(name: ObjectName): Promise<ObjectNote | undefined> {
    return Promise.resolve(this.#transaction('DEFERRED', () => this.#known(name)));
  }

  #known(name: ObjectName): ObjectNote | undefined {
    const row = this.#noteOf.get(name) as { version: string; flow_log_id: string | null } | undefined;
    return row && { name, version: row.version, flowLogId: row.flow_log_id ?? undefined };
  }

  async read(): Promise<CountedUsage> {
    // One transaction reads one moment, whatever is committed meanwhile.
    const counted = this.#transaction('DEFERRED', () => {
      const nights = this.#db.prepare('SELECT day FROM "settled-days"').all();
      const settled = new Set(nights.map(({ day }) => day as string));
      const { objects } = this.#db.prepare('SELECT count(*) AS objects FROM "objects"').get()!;
      const malformedSamples = firstSamples(this.#malformed());
      return { usage: this.#usageOfDays(settled), objects: objects as number, malformedSamples };
    });
    return Promise.resolve(counted);
  }

  /** What was streamed for the day, whatever a night has said of it since. */
  streamedOn(day: Day): Usage {
    return this.#transaction('DEFERRED', () => streamed(readUsage(this.#db).filter((one) => one.day === isoDay(day))));
  }

  /** The figures of the run that counts for the day, as they were given. */
  settledOn(day: Day): string | undefined {
    return this.#transaction('DEFERRED', () => {
      const row = this.#db.prepare('SELECT figures FROM "settled-days" WHERE day = ?').get(isoDay(day));
      return row?.figures as string | undefined;
    });
  }

  /**
   * Makes a run count for its day, unless the day is another's than `before` by now: then false. All in one commit.
   *
   * @param before the run that counted for it so far
   */
  replaceDay(night: SettledNight, before: string | undefined): boolean {
    const day = isoDay(night.day);
    return this.#transaction('IMMEDIATE', () => {
      const now = this.#db.prepare('SELECT run FROM "settled-days" WHERE day = ?').get(day);
      if (now?.run !== before) return false;
      const begin = nightsOn(night.day);
      for (const { name, key } of Object.values(SQLITE_TABLES)) {
        if (!('source' in key)) continue;
        this.#db.prepare(`DELETE FROM "${name}" WHERE substr(source, 1, ?) = ?`).run(begin.length, begin);
      }
      this.#addUsage(night.day, { kind: 'night', run: night.run }, night.usage);
      this.#db
        .prepare('INSERT OR REPLACE INTO "settled-days" (day, run, figures, drift) VALUES (?, ?, ?, ?)')
        .run(day, night.run, night.figures, night.drift);
      return true;
    });
  }

  /** A night that has read less than was streamed by now does not count: files have come since. */
  #usageOfDays(settled: ReadonlySet<string>): Usage {
    const whole = emptyUsage();
    for (const [day, stored] of Map.groupBy(readUsage(this.#db), (one) => one.day)) {
      const ofDay = streamed(stored);
      const night = settled.has(day) ? stored.find(({ source }) => source.kind === 'night')?.usage : undefined;
      addUsage(whole, night && missingRecords(ofDay, night).length === 0 ? night : ofDay);
    }
    return whole;
  }

  /** Makes these the rules and groups at hand. What is no longer among them stays known, as removed. */
  putInventory(inventory: Inventory, nowSeconds: number): void {
    this.#transaction('IMMEDIATE', () => {
      const now = Math.floor(nowSeconds);
      this.#db.prepare('UPDATE "sg-analysis-rules-data" SET removed_at = ? WHERE removed_at IS NULL').run(now);
      const put = this.#db.prepare(
        `INSERT INTO "sg-analysis-rules-data" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)
         ON CONFLICT (rule_id) DO UPDATE SET sg_id = excluded.sg_id, sg_name = excluded.sg_name,
           flow_direction = excluded.flow_direction, protocol = excluded.protocol, from_port = excluded.from_port,
           to_port = excluded.to_port, peer_type = excluded.peer_type, peer = excluded.peer,
           content_since = CASE WHEN content = excluded.content THEN content_since ELSE excluded.content_since END,
           content = excluded.content, last_seen = excluded.last_seen, removed_at = NULL, rule = excluded.rule`,
      );
      for (const rule of inventory.rules) {
        const { ruleId, groupId, groupName, direction, protocol, ports, peer } = rule;
        const shape = [ruleId, groupId, groupName, direction, protocol, ports?.from ?? null, ports?.to ?? null];
        const since = [ruleContent(rule), now, now, now];
        put.run(...shape, peer.type, peer.value, ...since, JSON.stringify(rule));
      }
      const group = this.#db.prepare('INSERT OR REPLACE INTO "groups" VALUES (?, ?)');
      for (const { groupId, groupName } of inventory.groups.values()) group.run(groupId, groupName);
    });
  }

  /** All rules ever given, ordered by group id, then rule id. */
  rules(): StoredRule[] {
    const rows = this.#transaction('DEFERRED', () =>
      this.#db.prepare('SELECT rule, removed_at FROM "sg-analysis-rules-data" ORDER BY sg_id, rule_id').all(),
    );
    return rows.map(({ rule, removed_at }) => ({
      rule: JSON.parse(rule as string) as Rule,
      removedAt: (removed_at as number | null) ?? undefined,
    }));
  }

  hasGroup(groupId: string): boolean {
    const find = this.#db.prepare('SELECT 1 FROM "groups" WHERE sg_id = ?');
    return this.#transaction('DEFERRED', () => find.get(groupId) !== undefined);
  }

  #keepMalformed(malformedSamples: readonly MalformedSample[]): void {
    if (malformedSamples.length === 0) return;
    for (const { file, line, reason } of malformedSamples) this.#add('malformed', { file, line, reason });
    const known = this.#malformed();
    const kept = new Set(firstSamples(known));
    const forget = this.#db.prepare('DELETE FROM "malformed-samples" WHERE file = ? AND line = ?');
    for (const sample of known) if (!kept.has(sample)) forget.run(sample.file, sample.line);
  }

  #malformed(): MalformedSample[] {
    return [...sqliteRows(this.#db, 'malformed')];
  }

  /** @throws Error that names the store */
  #transaction<T>(kind: 'IMMEDIATE' | 'DEFERRED', action: () => T): T {
    try {
      this.#db.exec(`BEGIN ${kind}`);
      const result = action();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // Some errors (a full disk) have ended the transaction already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw namedError(this.#path, error);
    }
  }
}

/** What was counted of one day as its files came. */
function streamed(ofOneDay: readonly StoredUsage[]): Usage {
  const usage = emptyUsage();
  const asItCame = ofOneDay.filter(({ source }) => source.kind !== 'night');
  addResolved(
    usage,
    asItCame.map((one) => [one.source, one.usage]),
  );
  return usage;
}
