import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ruleContent } from '../../shared/inventory/content.ts';
import type { Inventory, Rule } from '../../shared/inventory/inventory.ts';
import type { MalformedSample } from '../../shared/reports/usage-report.ts';
import { settle } from '../../shared/attribution/source.ts';
import { openStoreFile } from './sqlite-file.ts';
import { adder, rowsOf, TABLES } from './sqlite-tables.ts';
import { readUsage, UsageWriter } from './sqlite-usage.ts';
import { firstSamples, type Addition } from '../../shared/usage/addition.ts';
import type { Counters } from './usage-store.ts';
import type { KnownObject, ObjectName, ObjectNote, UsageStore } from './usage-store.ts';

/** A rule as the store knows it. */
export interface KnownRule {
  readonly rule: Rule;
  /** UNIX seconds; undefined for a rule of the inventory last given. */
  readonly removedAt: number | undefined;
}

/** Counters in one SQLite file. */
export class SqliteStore implements UsageStore {
  readonly #db: DatabaseSync;
  readonly #usage: UsageWriter;
  readonly #addMalformed;
  readonly #noteOf: StatementSync;
  readonly #note: StatementSync;

  /** With `create`, makes the file where there is none. */
  constructor(path: string, { create }: { readonly create: boolean }) {
    this.#db = openStoreFile(path, create);
    this.#usage = new UsageWriter(this.#db);
    this.#addMalformed = adder(this.#db, TABLES.malformed);
    this.#noteOf = this.#db.prepare('SELECT name, version, flow_log_id FROM "objects" WHERE name = ?');
    this.#note = this.#db.prepare('INSERT INTO "objects" (name, version, flow_log_id) VALUES (?, ?, ?)');
  }

  close(): void {
    this.#db.close();
  }

  async addOnce(objects: readonly ObjectNote[], addition: Addition): Promise<readonly KnownObject[]> {
    return Promise.resolve().then(() =>
      // IMMEDIATE: nobody else writes from the look at the notes to the commit, so what was not noted is not noted.
      this.#transaction('IMMEDIATE', () => {
        const taken = objects.flatMap(({ name }) => this.#known(name) ?? []);
        if (taken.length > 0) return taken;
        for (const { name, version, flowLogId = null } of objects) this.#note.run(name, version, flowLogId);
        // Dies here, between the lines, or in the commit: SQLite undoes all of it, when the file is opened next.
        for (const { sources, malformedSamples } of addition.days.values()) {
          for (const [source, usage] of sources) this.#usage.add(source, usage);
          this.#keepMalformed(malformedSamples);
        }
        return [];
      }),
    );
  }

  async counted(name: ObjectName): Promise<KnownObject | undefined> {
    return Promise.resolve().then(() => this.#known(name));
  }

  #known(name: ObjectName): KnownObject | undefined {
    const row = this.#noteOf.get(name) as { version: string; flow_log_id: string | null } | undefined;
    return row && { name, version: row.version, flowLogId: row.flow_log_id ?? undefined, open: false };
  }

  async read(): Promise<Counters> {
    return Promise.resolve().then(() =>
      // One transaction reads one moment, whatever is committed meanwhile.
      this.#transaction('DEFERRED', () => {
        const logs = this.#db.prepare('SELECT DISTINCT flow_log_id AS id FROM "objects" WHERE id NOT NULL').all();
        const { objects } = this.#db.prepare('SELECT count(*) AS objects FROM "objects"').get()!;
        return {
          usage: settle(readUsage(this.#db), new Set(logs.map(({ id }) => id as string))),
          objects: objects as number,
          openObjects: 0,
          malformedSamples: firstSamples(this.#malformed()),
        };
      }),
    );
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
  rules(): KnownRule[] {
    const rows = this.#db
      .prepare('SELECT rule, removed_at FROM "sg-analysis-rules-data" ORDER BY sg_id, rule_id')
      .all();
    return rows.map(({ rule, removed_at }) => ({
      rule: JSON.parse(rule as string) as Rule,
      removedAt: (removed_at as number | null) ?? undefined,
    }));
  }

  hasGroup(groupId: string): boolean {
    return this.#db.prepare('SELECT 1 FROM "groups" WHERE sg_id = ?').get(groupId) !== undefined;
  }

  #keepMalformed(malformedSamples: readonly MalformedSample[]): void {
    if (malformedSamples.length === 0) return;
    for (const { file, line, reason } of malformedSamples) this.#addMalformed({ file, line, reason });
    const known = this.#malformed();
    const kept = new Set(firstSamples(known));
    const forget = this.#db.prepare('DELETE FROM "malformed-samples" WHERE file = ? AND line = ?');
    for (const sample of known) if (!kept.has(sample)) forget.run(sample.file, sample.line);
  }

  #malformed(): MalformedSample[] {
    const rows = [...rowsOf(this.#db, TABLES.malformed)];
    return rows.map(({ file, line, reason }) => ({
      file: file as string,
      line: line as number,
      reason: reason as string,
    }));
  }

  #transaction<T>(kind: 'IMMEDIATE' | 'DEFERRED', action: () => T): T {
    this.#db.exec(`BEGIN ${kind}`);
    try {
      const result = action();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // Some errors (a full disk) have ended the transaction already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}
