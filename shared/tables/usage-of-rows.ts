import { rangeOfBucket } from '../matching/port-buckets.ts';
import { versionedId } from '../inventory/versioned-rules.ts';
import type { MalformedSample } from '../flowlogs/malformed.ts';
import type { SmallestHashes } from '../usage/smallest-hashes.ts';
import {
  COUNTER_NAMES,
  COUNTERS,
  INTERFACE_COUNTER_NAMES,
  INTERFACE_COUNTERS,
  LATEST,
  LATEST_NAMES,
} from '../usage/counters.ts';
import {
  admittingSetKey,
  emptyInterfaceDay,
  ruleDay,
  within,
  type Fate,
  type InterfaceDay,
  type Usage,
} from '../usage/usage.ts';
import { checkNumbers, HASH_DIGITS, isRejected, REJECTED_LEFT_OUT, SEPARATOR } from './usage-rows.ts';
import type { RowChange, Sample } from './row-change.ts';
import { UsageBySource } from '../usage/by-source.ts';
import { sourceFromText } from '../usage/source.ts';
import { firstSamples, type DayAddition } from '../usage/addition.ts';
import { compareText } from '../text/compare.ts';
import { dayFromIso, type Day } from '../time.ts';
import type { Direction } from '../protocols.ts';
import { emptyLogDay, noteSlot, toldOf } from '../usage/log-days.ts';

/**
 * What was added, from its rows: the other half of `usageRows`. In whatever order they come.
 *
 * @throws Error for a row of a kind that is not known, and for one that lacks what tells whose it is
 */
export function usageOfRows(rows: readonly RowChange[]): Map<Day, DayAddition> {
  const days = new Map<Day, { readonly sources: UsageBySource; malformedSamples: MalformedSample[] }>();
  for (const row of rows) {
    checkNumbers(row);
    const [part, sort] = row.key;
    const [date = ''] = (row.table === 'rulesUsage' ? sort : part).split('#');
    const day = dayFromIso(date);
    if (day === undefined) throw new Error(`${JSON.stringify(date)}: not a day of counters`);
    let ofDay = days.get(day);
    if (!ofDay) days.set(day, (ofDay = { sources: new UsageBySource(), malformedSamples: [] }));
    const kind = row.table === 'rulesUsage' ? 'rule' : isRejected(row) ? 'rejected' : (sort.split('#')[0] ?? '');
    const add = READERS.get(kind);
    if (add) add(ofDay.sources.of(sourceFromText(text(row, 'source'))), row);
    else if (kind === 'malformed') ofDay.malformedSamples = malformedIn(row);
    else throw new Error(`${part}, ${sort}: a row of a kind that this program does not know`);
  }
  return days;
}

const READERS: ReadonlyMap<string, (usage: Usage, row: RowChange) => void> = new Map([
  ['rule', addRule],
  ['set', addSet],
  ['log', addLog],
  ['interfaces', addInterfaces],
  ['rejected', addRejected],
  [
    'unknown-interfaces',
    ({ unknownInterfaces }, { samples }) => keepAll(samples?.unknown_interfaces, unknownInterfaces),
  ],
  ['totals', addTotals],
]);

function addRule(usage: Usage, { key, facts, sums = {}, latest = {}, samples }: RowChange): void {
  const [ruleId, sort] = key;
  const [, , content] = sort.split('#');
  const use = ruleDay(usage, versionedId(ruleId, content), Number(facts.day));
  for (const name of COUNTER_NAMES) use[name] = sums[COUNTERS[name]] ?? 0;
  for (const name of LATEST_NAMES) use[name] = latest[LATEST[name]] ?? -1;
  keepAll(samples?.peers, use.peers);
  for (const [name, times] of Object.entries(sums)) {
    const [kind, first, second] = name.split(' ');
    if (kind === 'hour') use.hours[Number(first)] = times;
    if (kind !== 'used' && kind !== 'replies') continue;
    const portKey = `${first!} ${second!}`;
    let port = use.ports.get(portKey);
    if (!port) {
      const bucket = second === '-1' ? undefined : rangeOfBucket(Number(second));
      use.ports.set(portKey, (port = { protocol: Number(first), bucket, usedTimes: 0, replyTimes: 0 }));
    }
    port[kind === 'used' ? 'usedTimes' : 'replyTimes'] = times;
  }
}

function addSet({ admittingSets }: Usage, row: RowChange): void {
  const { requests = 0, replies = 0, proven_times: provenTimes = 0 } = row.sums ?? {};
  const set = {
    day: Number(row.facts.day),
    vpcId: text(row, 'vpc_id'),
    groupIds: texts(row, 'group_ids'),
    ruleIds: texts(row, 'rule_ids'),
  };
  admittingSets.set(admittingSetKey(set), { ...set, requests, replies, provenTimes });
}

function addLog({ logs }: Usage, row: RowChange): void {
  const { hours = [], slots = [], told = [] } = row.sets ?? {};
  const log = within(logs, text(row, 'flow_log_id'), Number(row.facts.day), emptyLogDay);
  for (const hour of hours) log.hours |= 1 << Number(hour);
  for (const slot of slots) noteSlot(log, Number(slot));
  log.told = toldOf(told);
  log.lines = row.sums?.lines ?? 0;
  log.malformed = row.sums?.malformed ?? 0;
}

function addInterfaces({ interfaces }: Usage, { facts, sums = {}, sets }: RowChange): void {
  const seen = (id: string): InterfaceDay => within(interfaces, id, Number(facts.day), emptyInterfaceDay);
  for (const name of INTERFACE_COUNTER_NAMES) {
    const begin = `${INTERFACE_COUNTERS[name]} `;
    for (const [sum, records] of Object.entries(sums)) {
      if (sum.startsWith(begin)) seen(sum.slice(begin.length))[name] = records;
    }
  }
  for (const told of sets?.logs ?? []) {
    const [interfaceId, flowLogId] = cutAtBlank(told);
    seen(interfaceId).logs.add(flowLogId);
  }
}

function addRejected({ rejected }: Usage, row: RowChange): void {
  const direction = text(row, 'direction');
  rejected.keep(Number.parseInt(row.key[1], 16), () => ({
    interfaceId: text(row, 'interface_id'),
    direction: direction === '' ? undefined : (direction as Direction),
    protocol: Number(row.facts.protocol),
    peer: text(row, 'peer'),
    port: Number(row.facts.port),
    reason: text(row, 'reason'),
    times: row.sums?.times ?? 0,
    lastSeen: row.latest?.last_seen ?? -1,
  }));
}

function addTotals(usage: Usage, { sums = {}, latest = {}, earliest = {} }: RowChange): void {
  usage.requests = sums.requests ?? 0;
  usage.replies = sums.replies ?? 0;
  usage.ambiguous = sums.ambiguous ?? 0;
  usage.lastEnd = latest.last_end ?? -1;
  usage.firstEnd = earliest.first_end ?? -1;
  for (const [name, records] of Object.entries(sums)) {
    const [kind, rest] = cutAtBlank(name);
    if (kind === 'fate') usage.fates[rest as Fate] = records;
    if (kind !== 'unknown_accepted') continue;
    const [day, vpcId] = cutAtBlank(rest);
    within(usage.unknownAccepted, vpcId, Number(day), () => ({ records }));
  }
  if (latest[REJECTED_LEFT_OUT] === 1) usage.rejected.noteOverflow();
}

function malformedIn({ samples }: RowChange): MalformedSample[] {
  const found = samples?.malformed?.smallest.map((sample): MalformedSample => {
    const [file, line, reason] = sample.split(SEPARATOR) as [string, string, string];
    return { file, line: Number(line), reason };
  });
  return firstSamples(found ?? []);
}

function keepAll(sample: Sample | undefined, into: SmallestHashes<string>): void {
  for (const entry of sample?.smallest ?? []) {
    into.keep(Number.parseInt(entry.slice(0, HASH_DIGITS), 16), () => entry.slice(HASH_DIGITS));
  }
  if (sample?.leftOut) into.noteOverflow();
}

function cutAtBlank(value: string): [before: string, after: string] {
  const at = value.indexOf(' ');
  return at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
}

function text({ key, facts }: RowChange, name: string): string {
  const value = facts[name];
  if (typeof value === 'string') return value;
  throw new Error(`${key.join(', ')}: a row that lacks ${name}`);
}

function texts({ facts }: RowChange, name: string): string[] {
  const value = facts[name];
  return Array.isArray(value) ? value.map(String).sort(compareText) : [];
}
