import type { DatabaseSync } from 'node:sqlite';
import type { SmallestHashes } from '../../../shared/usage/smallest-hashes.ts';
import {
  COUNTER_NAMES,
  COUNTERS,
  inColumns,
  INTERFACE_COUNTER_NAMES,
  INTERFACE_COUNTERS,
  LATEST,
  LATEST_NAMES,
} from '../../../shared/usage/counters.ts';
import { emptyInterfaceDay, emptyUsage, PEERS_KEPT, REJECTED_KEPT, ruleDay } from '../../../shared/usage/usage.ts';
import { UNKNOWN_INTERFACES_KEPT, within, type Fate, type RuleDay, type Usage } from '../../../shared/usage/usage.ts';
import { NIGHTS_BEGIN, sourceFromText, sourceText, type Source } from '../../../shared/usage/source.ts';
import { isoDay, type Day } from '../../../shared/time.ts';
import { adder, sqliteRows, SQLITE_TABLES, type Table, type SqliteValue } from './sqlite-tables.ts';
import type { Direction } from '../../../shared/protocols.ts';
import { recordOf } from '../../../shared/record-of.ts';
import {
  emptyLogDay,
  type LogDay,
  noteSlot,
  slotsHeard,
  TOLD_NAMES,
  TOLD,
  toldOf,
} from '../../../shared/usage/log-days.ts';

/** Adds usages to the tables, inside whatever transaction is open. */
export class UsageWriter {
  readonly #rule;
  readonly #hour;
  readonly #port;
  readonly #peer;
  readonly #set;
  readonly #log;
  readonly #logHour;
  readonly #logSlot;
  readonly #interfaceLog;
  readonly #interface;
  readonly #unknownAccepted;
  readonly #unknownInterface;
  readonly #rejected;
  readonly #fate;
  readonly #total;
  readonly #trimPeers;
  readonly #trimUnknown;
  readonly #trimRejected;

  constructor(db: DatabaseSync) {
    this.#rule = adder(db, SQLITE_TABLES.rules);
    this.#hour = adder(db, SQLITE_TABLES.hours);
    this.#port = adder(db, SQLITE_TABLES.ports);
    this.#peer = adder(db, SQLITE_TABLES.peers);
    this.#set = adder(db, SQLITE_TABLES.sets);
    this.#log = adder(db, SQLITE_TABLES.logs);
    this.#logHour = adder(db, SQLITE_TABLES.logHours);
    this.#logSlot = adder(db, SQLITE_TABLES.logSlots);
    this.#interfaceLog = adder(db, SQLITE_TABLES.interfaceLogs);
    this.#interface = adder(db, SQLITE_TABLES.interfaces);
    this.#unknownAccepted = adder(db, SQLITE_TABLES.unknownAccepted);
    this.#unknownInterface = adder(db, SQLITE_TABLES.unknownInterfaces);
    this.#rejected = adder(db, SQLITE_TABLES.rejected);
    this.#fate = adder(db, SQLITE_TABLES.fates);
    this.#total = adder(db, SQLITE_TABLES.totals);
    this.#trimPeers = trimmer(db, SQLITE_TABLES.peers, PEERS_KEPT);
    this.#trimUnknown = trimmer(db, SQLITE_TABLES.unknownInterfaces, UNKNOWN_INTERFACES_KEPT);
    this.#trimRejected = trimmer(db, SQLITE_TABLES.rejected, REJECTED_KEPT);
  }

  /** Adds what was counted of the day under the source. */
  add(of: Day, under: Source, usage: Usage): void {
    const source = `${isoDay(of)} ${sourceText(under)}`;
    for (const [rule_id, days] of usage.rules) {
      for (const [day, use] of days) this.#addRuleDay({ source, rule_id, day }, use);
    }
    for (const [set_key, { day, vpcId, groupIds, ruleIds, provenTimes, ...times }] of usage.admittingSets) {
      const ids = { group_ids: groupIds.join(','), rule_ids: ruleIds.join(',') };
      this.#set({ source, set_key, day, vpc_id: vpcId, ...ids, ...times, proven_times: provenTimes });
    }
    for (const [flow_log_id, days] of usage.logs) {
      for (const [day, { hours, slots, told, lines, malformed }] of days) {
        const fields = recordOf(TOLD_NAMES, (name) => ((told & TOLD[name]) !== 0 ? 1 : 0));
        this.#log({ source, flow_log_id, day, lines, malformed, ...fields });
        for (let hour = 0; hour < 24; hour++) {
          if ((hours & (1 << hour)) !== 0) this.#logHour({ source, flow_log_id, day, hour });
        }
        for (const slot of slotsHeard({ slots })) this.#logSlot({ source, flow_log_id, day, slot });
      }
    }
    for (const [interface_id, days] of usage.interfaces) {
      for (const [day, seen] of days) {
        const counters = inColumns(INTERFACE_COUNTER_NAMES, INTERFACE_COUNTERS, seen);
        this.#interface({ source, interface_id, day, ...counters });
        for (const flow_log_id of seen.logs) this.#interfaceLog({ source, interface_id, day, flow_log_id });
      }
    }
    for (const [vpc_id, days] of usage.unknownAccepted) {
      for (const [day, { records }] of days) this.#unknownAccepted({ source, vpc_id, day, records });
    }
    for (const [hash, interface_id] of usage.unknownInterfaces.entries()) {
      this.#unknownInterface({ source, hash, interface_id });
    }
    for (const [hash, { interfaceId, direction = '', lastSeen, ...flow }] of usage.rejected.entries()) {
      this.#rejected({ source, hash, interface_id: interfaceId, direction, last_seen: lastSeen, ...flow });
    }
    for (const [fate, records] of Object.entries(usage.fates)) {
      if (records > 0) this.#fate({ source, fate, records });
    }
    this.#total({
      source,
      requests: usage.requests,
      replies: usage.replies,
      ambiguous: usage.ambiguous,
      last_end: usage.lastEnd,
      first_end: usage.firstEnd,
      unknown_left_out: this.#trimUnknown(source) || leftOut(usage.unknownInterfaces),
      rejected_left_out: this.#trimRejected(source) || leftOut(usage.rejected),
    });
  }

  #addRuleDay(key: { source: string; rule_id: string; day: number }, use: RuleDay): void {
    use.hours.forEach((used_times, hour) => {
      if (used_times > 0) this.#hour({ ...key, hour, used_times });
    });
    for (const [port_key, { protocol, bucket, usedTimes, replyTimes }] of use.ports) {
      const range = { from_port: bucket?.from ?? -1, to_port: bucket?.to ?? -1 };
      this.#port({ ...key, port_key, protocol, ...range, used_times: usedTimes, reply_times: replyTimes });
    }
    for (const [hash, prefix] of use.peers.entries()) this.#peer({ ...key, hash, prefix });
    this.#rule({
      ...key,
      ...inColumns(COUNTER_NAMES, COUNTERS, use),
      ...inColumns(LATEST_NAMES, LATEST, use),
      peers_left_out: this.#trimPeers(key.source, key.rule_id, key.day) || leftOut(use.peers),
    });
  }
}

/**
 * Lets all but the smallest hashes go; 1 if there were more. A row that comes again after it went starts anew and goes
 * again in the same transaction, so what stays is exact: the argument is at `addUsage`.
 */
function trimmer(db: DatabaseSync, { name, key }: Table, limit: number): (...values: SqliteValue[]) => 0 | 1 {
  const same = Object.keys(key)
    .filter((column) => column !== 'hash')
    .map((column) => `${column} = ?`)
    .join(' AND ');
  const first = `SELECT hash FROM "${name}" WHERE ${same} ORDER BY hash LIMIT 1 OFFSET ${String(limit)}`;
  const statement = db.prepare(`DELETE FROM "${name}" WHERE ${same} AND hash >= (${first})`);
  return (...values) => (Number(statement.run(...values, ...values).changes) > 0 ? 1 : 0);
}

function leftOut({ distinct, limit }: SmallestHashes<unknown>): 0 | 1 {
  return distinct > limit ? 1 : 0;
}

/** What the column `source` begins with in the rows of nights of the day. */
export function nightsOn(day: Day): string {
  return `${isoDay(day)} ${NIGHTS_BEGIN}`;
}

/** What was counted of one day, such as `2026-01-31`, under one source. */
export interface StoredUsage {
  readonly day: string;
  readonly source: Source;
  readonly usage: Usage;
}

/** Everything in the tables, inside whatever transaction is open. */
export function readUsage(db: DatabaseSync): StoredUsage[] {
  const bySource = new Map<string, Usage>();
  const of = (source: SqliteValue): Usage => {
    let usage = bySource.get(source as string);
    if (!usage) bySource.set(source as string, (usage = emptyUsage()));
    return usage;
  };
  type RuleRow = Record<'source' | 'rule_id' | 'day', SqliteValue>;
  const day = (row: RuleRow): RuleDay => ruleDay(of(row.source), row.rule_id as string, row.day as number);

  for (const row of sqliteRows(db, SQLITE_TABLES.peers))
    day(row).peers.keep(row.hash as number, () => row.prefix as string);
  for (const row of sqliteRows(db, SQLITE_TABLES.hours)) day(row).hours[row.hour as number] = row.used_times as number;
  for (const row of sqliteRows(db, SQLITE_TABLES.ports)) {
    const bucket = row.from_port === -1 ? undefined : { from: row.from_port as number, to: row.to_port as number };
    const times = { usedTimes: row.used_times as number, replyTimes: row.reply_times as number };
    day(row).ports.set(row.port_key as string, { protocol: row.protocol as number, bucket, ...times });
  }
  for (const row of sqliteRows(db, SQLITE_TABLES.rules)) {
    const use = day(row);
    for (const name of COUNTER_NAMES) use[name] = row[COUNTERS[name]] as number;
    for (const name of LATEST_NAMES) use[name] = row[LATEST[name]] as number;
    if (row.peers_left_out === 1) use.peers.noteOverflow();
  }
  for (const row of sqliteRows(db, SQLITE_TABLES.sets)) {
    of(row.source).admittingSets.set(row.set_key as string, {
      day: row.day as number,
      vpcId: row.vpc_id as string,
      groupIds: (row.group_ids as string).split(','),
      ruleIds: (row.rule_ids as string).split(','),
      requests: row.requests as number,
      replies: row.replies as number,
      provenTimes: row.proven_times as number,
    });
  }
  type LogRow = Record<'source' | 'flow_log_id' | 'day', SqliteValue>;
  const logDay = (row: LogRow): LogDay =>
    within(of(row.source).logs, row.flow_log_id as string, row.day as number, emptyLogDay);
  for (const row of sqliteRows(db, SQLITE_TABLES.logs)) {
    logDay(row).lines = row.lines as number;
    logDay(row).malformed = row.malformed as number;
    logDay(row).told = toldOf(TOLD_NAMES.filter((name) => row[name] === 1));
  }
  for (const row of sqliteRows(db, SQLITE_TABLES.logHours)) logDay(row).hours |= 1 << (row.hour as number);
  for (const row of sqliteRows(db, SQLITE_TABLES.logSlots)) noteSlot(logDay(row), row.slot as number);
  for (const row of sqliteRows(db, SQLITE_TABLES.interfaces)) {
    const { interfaces } = of(row.source);
    const seen = within(interfaces, row.interface_id as string, row.day as number, emptyInterfaceDay);
    for (const name of INTERFACE_COUNTER_NAMES) seen[name] = row[INTERFACE_COUNTERS[name]] as number;
  }
  for (const row of sqliteRows(db, SQLITE_TABLES.interfaceLogs)) {
    const { interfaces } = of(row.source);
    const seen = within(interfaces, row.interface_id as string, row.day as number, emptyInterfaceDay);
    seen.logs.add(row.flow_log_id as string);
  }
  for (const row of sqliteRows(db, SQLITE_TABLES.unknownAccepted)) {
    const records = row.records as number;
    within(of(row.source).unknownAccepted, row.vpc_id as string, row.day as number, () => ({ records }));
  }
  for (const row of sqliteRows(db, SQLITE_TABLES.unknownInterfaces)) {
    of(row.source).unknownInterfaces.keep(row.hash as number, () => row.interface_id as string);
  }
  for (const row of sqliteRows(db, SQLITE_TABLES.rejected)) {
    of(row.source).rejected.keep(row.hash as number, () => ({
      interfaceId: row.interface_id as string,
      direction: row.direction === '' ? undefined : (row.direction as Direction),
      protocol: row.protocol as number,
      peer: row.peer as string,
      port: row.port as number,
      reason: row.reason as string,
      times: row.times as number,
      lastSeen: row.last_seen as number,
    }));
  }
  for (const row of sqliteRows(db, SQLITE_TABLES.fates)) of(row.source).fates[row.fate as Fate] = row.records as number;
  for (const row of sqliteRows(db, SQLITE_TABLES.totals)) {
    const usage = of(row.source);
    usage.requests = row.requests as number;
    usage.replies = row.replies as number;
    usage.ambiguous = row.ambiguous as number;
    usage.lastEnd = row.last_end as number;
    usage.firstEnd = row.first_end as number;
    if (row.unknown_left_out === 1) usage.unknownInterfaces.noteOverflow();
    if (row.rejected_left_out === 1) usage.rejected.noteOverflow();
  }
  return [...bySource].map(([dayAndSource, usage]) => {
    const [day = ''] = dayAndSource.split(' ', 1);
    return { day, source: sourceFromText(dayAndSource.slice(day.length + 1)), usage };
  });
}
