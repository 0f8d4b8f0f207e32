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
import {
  emptyInterfaceDay,
  emptyUsage,
  PEERS_KEPT,
  REJECTED_KEPT,
  ruleDay,
  UNKNOWN_INTERFACES_KEPT,
  within,
  type Fate,
  type InterfaceDay,
  type RuleDay,
  type Usage,
} from '../../../shared/usage/usage.ts';
import { NIGHTS_BEGIN, sourceFromText, sourceText, type Source } from '../../../shared/usage/source.ts';
import { isoDay, type Day } from '../../../shared/time.ts';
import { sqliteRows, SQLITE_TABLES, type RowAdder, type Table } from './sqlite-tables.ts';
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

/** Adds what was counted of a day under a source to the tables, inside whatever transaction is open. */
export function usageWriter(db: DatabaseSync, add: RowAdder): (of: Day, under: Source, usage: Usage) => void {
  const trimPeers = trimmer(db, SQLITE_TABLES.peers, PEERS_KEPT);
  const trimUnknown = trimmer(db, SQLITE_TABLES.unknownInterfaces, UNKNOWN_INTERFACES_KEPT);
  const trimRejected = trimmer(db, SQLITE_TABLES.rejected, REJECTED_KEPT);

  const addRuleDay = (key: { source: string; rule_id: string; day: number }, use: RuleDay): void => {
    use.hours.forEach((used_times, hour) => {
      if (used_times > 0) add('hours', { ...key, hour, used_times });
    });
    for (const [port_key, { protocol, bucket, usedTimes, replyTimes }] of use.ports) {
      const range = { from_port: bucket?.from ?? -1, to_port: bucket?.to ?? -1 };
      add('ports', {
        ...key,
        port_key,
        protocol,
        ...range,
        used_times: usedTimes,
        reply_times: replyTimes,
      });
    }
    for (const [hash, prefix] of use.peers.entries()) add('peers', { ...key, hash, prefix });
    add('rules', {
      ...key,
      ...inColumns(COUNTER_NAMES, COUNTERS, use),
      ...inColumns(LATEST_NAMES, LATEST, use),
      peers_left_out: trimPeers(key.source, key.rule_id, key.day) || leftOut(use.peers),
    });
  };

  return (of, under, usage) => {
    const source = `${isoDay(of)} ${sourceText(under)}`;
    for (const [rule_id, days] of usage.rules) {
      for (const [day, use] of days) addRuleDay({ source, rule_id, day }, use);
    }
    for (const [set_key, { day, vpcId, groupIds, ruleIds, provenTimes, ...times }] of usage.admittingSets) {
      const ids = { group_ids: groupIds.join(','), rule_ids: ruleIds.join(',') };
      add('sets', {
        source,
        set_key,
        day,
        vpc_id: vpcId,
        ...ids,
        ...times,
        proven_times: provenTimes,
      });
    }
    for (const [flow_log_id, days] of usage.logs) {
      for (const [day, { hours, slots, told, lines, malformed }] of days) {
        const fields = recordOf(TOLD_NAMES, (name) => ((told & TOLD[name]) !== 0 ? 1 : 0));
        add('logs', { source, flow_log_id, day, lines, malformed, ...fields });
        for (let hour = 0; hour < 24; hour++) {
          if ((hours & (1 << hour)) !== 0) add('logHours', { source, flow_log_id, day, hour });
        }
        for (const slot of slotsHeard({ slots })) add('logSlots', { source, flow_log_id, day, slot });
      }
    }
    for (const [interface_id, days] of usage.interfaces) {
      for (const [day, seen] of days) {
        const counters = inColumns(INTERFACE_COUNTER_NAMES, INTERFACE_COUNTERS, seen);
        add('interfaces', { source, interface_id, day, ...counters });
        for (const flow_log_id of seen.logs) add('interfaceLogs', { source, interface_id, day, flow_log_id });
      }
    }
    for (const [vpc_id, days] of usage.unknownAccepted) {
      for (const [day, { records }] of days) add('unknownAccepted', { source, vpc_id, day, records });
    }
    for (const [hash, interface_id] of usage.unknownInterfaces.entries()) {
      add('unknownInterfaces', { source, hash, interface_id });
    }
    for (const [hash, { interfaceId, direction = '', lastSeen, ...flow }] of usage.rejected.entries()) {
      add('rejected', {
        source,
        hash,
        interface_id: interfaceId,
        direction,
        last_seen: lastSeen,
        ...flow,
      });
    }
    for (const [fate, records] of Object.entries(usage.fates)) {
      if (records > 0) add('fates', { source, fate, records });
    }
    add('totals', {
      source,
      requests: usage.requests,
      replies: usage.replies,
      ambiguous: usage.ambiguous,
      last_end: usage.lastEnd,
      first_end: usage.firstEnd,
      unknown_left_out: trimUnknown(source) || leftOut(usage.unknownInterfaces),
      rejected_left_out: trimRejected(source) || leftOut(usage.rejected),
    });
  };
}

/**
 * Lets all but the smallest hashes go; 1 if there were more. A row that comes again after it went starts anew and goes
 * again in the same transaction, so what stays is exact: the argument is at `addUsage`.
 */
function trimmer(db: DatabaseSync, { name, key }: Table, limit: number): (...values: (string | number)[]) => 0 | 1 {
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
  const of = (source: string): Usage => {
    let usage = bySource.get(source);
    if (!usage) bySource.set(source, (usage = emptyUsage()));
    return usage;
  };
  const rule = (row: { source: string; rule_id: string; day: number }): RuleDay =>
    ruleDay(of(row.source), row.rule_id, row.day);
  const log = (row: { source: string; flow_log_id: string; day: number }): LogDay =>
    within(of(row.source).logs, row.flow_log_id, row.day, emptyLogDay);
  const seen = (row: { source: string; interface_id: string; day: number }): InterfaceDay =>
    within(of(row.source).interfaces, row.interface_id, row.day, emptyInterfaceDay);

  for (const row of sqliteRows(db, 'peers')) rule(row).peers.keep(row.hash, () => row.prefix);
  for (const row of sqliteRows(db, 'hours')) rule(row).hours[row.hour] = row.used_times;
  for (const row of sqliteRows(db, 'ports')) {
    const { port_key, protocol, from_port: from, to_port: to, used_times: usedTimes, reply_times: replyTimes } = row;
    rule(row).ports.set(port_key, { protocol, bucket: from === -1 ? undefined : { from, to }, usedTimes, replyTimes });
  }
  for (const row of sqliteRows(db, 'rules')) {
    const use = rule(row);
    for (const name of COUNTER_NAMES) use[name] = row[COUNTERS[name]];
    for (const name of LATEST_NAMES) use[name] = row[LATEST[name]];
    if (row.peers_left_out === 1) use.peers.noteOverflow();
  }
  for (const row of sqliteRows(db, 'sets')) {
    const { source, set_key, vpc_id: vpcId, group_ids, rule_ids, proven_times: provenTimes, ...set } = row;
    const ids = { groupIds: group_ids.split(','), ruleIds: rule_ids.split(',') };
    of(source).admittingSets.set(set_key, { ...set, vpcId, ...ids, provenTimes });
  }
  for (const row of sqliteRows(db, 'logs')) {
    const sums = log(row);
    sums.lines = row.lines;
    sums.malformed = row.malformed;
    sums.told = toldOf(TOLD_NAMES.filter((name) => row[name] === 1));
  }
  for (const row of sqliteRows(db, 'logHours')) log(row).hours |= 1 << row.hour;
  for (const row of sqliteRows(db, 'logSlots')) noteSlot(log(row), row.slot);
  for (const row of sqliteRows(db, 'interfaces')) {
    for (const name of INTERFACE_COUNTER_NAMES) seen(row)[name] = row[INTERFACE_COUNTERS[name]];
  }
  for (const row of sqliteRows(db, 'interfaceLogs')) seen(row).logs.add(row.flow_log_id);
  for (const { source, vpc_id, day, records } of sqliteRows(db, 'unknownAccepted')) {
    within(of(source).unknownAccepted, vpc_id, day, () => ({ records }));
  }
  for (const { source, hash, interface_id } of sqliteRows(db, 'unknownInterfaces')) {
    of(source).unknownInterfaces.keep(hash, () => interface_id);
  }
  for (const row of sqliteRows(db, 'rejected')) {
    const { source, hash, interface_id: interfaceId, direction, last_seen: lastSeen, ...flow } = row;
    const side = direction === '' ? undefined : (direction as Direction);
    of(source).rejected.keep(hash, () => ({ ...flow, interfaceId, direction: side, lastSeen }));
  }
  for (const { source, fate, records } of sqliteRows(db, 'fates')) of(source).fates[fate as Fate] = records;
  for (const row of sqliteRows(db, 'totals')) {
    const usage = of(row.source);
    usage.requests = row.requests;
    usage.replies = row.replies;
    usage.ambiguous = row.ambiguous;
    usage.lastEnd = row.last_end;
    usage.firstEnd = row.first_end;
    if (row.unknown_left_out === 1) usage.unknownInterfaces.noteOverflow();
    if (row.rejected_left_out === 1) usage.rejected.noteOverflow();
  }
  return [...bySource].map(([dayAndSource, usage]) => {
    const [day = ''] = dayAndSource.split(' ', 1);
    return { day, source: sourceFromText(dayAndSource.slice(day.length + 1)), usage };
  });
}
