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
  type InterfaceCounters,
} from '../usage/counters.ts';
import { addRuleDay } from '../usage/window.ts';
import {
  admittingSetKey,
  emptyInterfaceDay,
  emptyRuleDay,
  ruleDay,
  within,
  type Fate,
  type Usage,
} from '../usage/usage.ts';
import { HASH_DIGITS, isRejected, LAST, REJECTED_LEFT_OUT, SEPARATOR } from './usage-rows.ts';
import { leftOutAttribute } from './row-change.ts';
import { byCodeUnit, type Item } from './row-item.ts';
import { UsageBySource } from '../usage/by-source.ts';
import { sourceFromText } from '../usage/source.ts';
import { firstSamples, type DayAddition } from '../usage/addition.ts';
import { dayFromIso, type Day } from '../time.ts';
import type { Direction } from '../protocols.ts';
import { emptyLogDay, noteSlot, toldOf } from '../usage/log-days.ts';

/** Puts items together again to what was added: the other half of `usageRows`. In whatever order they come. */
export class UsageReader {
  readonly #days = new Map<Day, { readonly sources: UsageBySource; malformedSamples: MalformedSample[] }>();

  addRule(item: Item): void {
    const [when, content] = splitSort(text(item, 'day_source'));
    // Its time is that of a day's first batch; the days tell more exactly.
    if (when === LAST) return;
    const usage = this.#of(item, when);
    const id = versionedId(text(item, 'rule_id'), content);
    const use = emptyRuleDay();
    for (const name of COUNTER_NAMES) use[name] = number(item, COUNTERS[name]);
    for (const name of LATEST_NAMES) use[name] = number(item, LATEST[name], -1);
    readSample(item, 'peers', use.peers);
    for (const name of Object.keys(item)) {
      const [kind, first, second] = name.split(' ');
      if (kind === 'hour') use.hours[Number(first)] = number(item, name);
      if (kind !== 'used' && kind !== 'replies') continue;
      const key = `${first!} ${second!}`;
      let port = use.ports.get(key);
      if (!port) {
        const bucket = second === '-1' ? undefined : rangeOfBucket(Number(second));
        use.ports.set(key, (port = { protocol: Number(first), bucket, usedTimes: 0, replyTimes: 0 }));
      }
      port[kind === 'used' ? 'usedTimes' : 'replyTimes'] = number(item, name);
    }
    addRuleDay(ruleDay(usage, id, number(item, 'day')), use);
  }

  addDay(item: Item): void {
    const [part, row] = [text(item, 'part'), text(item, 'row')];
    const [day = ''] = part.split('#');
    const [kind = ''] = row.split('#');
    if (kind === 'malformed') {
      this.#addMalformed(item, day);
      return;
    }
    const usage = this.#of(item, day);
    if (isRejected({ key: [part, row] })) addRejected(usage, item, row);
    else if (kind === 'set') addSet(usage, item);
    else if (kind === 'log') addLog(usage, item);
    else if (kind === 'interfaces') addInterfaces(usage, item);
    else if (kind === 'totals') this.#addTotals(usage, item);
    else if (kind === 'unknown-interfaces') readSample(item, 'unknown_interfaces', usage.unknownInterfaces);
    else throw new Error(`${part}, ${row}: a row of a kind that this program does not know`);
  }

  days(): ReadonlyMap<Day, DayAddition> {
    return this.#days;
  }

  /** @param name of the day, as in `2026-01-31` */
  #ofDay(name: string) {
    const day = dayFromIso(name);
    if (day === undefined) throw new Error(`${JSON.stringify(name)}: not a day of counters`);
    let ofDay = this.#days.get(day);
    if (!ofDay) this.#days.set(day, (ofDay = { sources: new UsageBySource(), malformedSamples: [] }));
    return ofDay;
  }

  #of(item: Item, day: string): Usage {
    return this.#ofDay(day).sources.of(sourceFromText(text(item, 'source')));
  }

  #addTotals(usage: Usage, item: Item): void {
    usage.requests += number(item, 'requests');
    usage.replies += number(item, 'replies');
    usage.ambiguous += number(item, 'ambiguous');
    usage.lastEnd = Math.max(usage.lastEnd, number(item, 'last_end', -1));
    const first = number(item, 'first_end', -1);
    if (first >= 0 && (usage.firstEnd < 0 || first < usage.firstEnd)) usage.firstEnd = first;
    for (const name of Object.keys(item)) {
      const [kind, rest] = cutAtBlank(name);
      if (kind === 'fate') usage.fates[rest as Fate] += number(item, name);
      if (kind !== 'unknown_accepted') continue;
      const [day, vpcId] = cutAtBlank(rest);
      within(usage.unknownAccepted, vpcId, Number(day), () => ({ records: 0 })).records += number(item, name);
    }
    if (item[REJECTED_LEFT_OUT]) usage.rejected.noteOverflow();
  }

  #addMalformed(item: Item, day: string): void {
    const samples = (item.malformed?.SS ?? []).map((sample): MalformedSample => {
      const [file, line, reason] = sample.split(SEPARATOR) as [string, string, string];
      return { file, line: Number(line), reason };
    });
    const ofDay = this.#ofDay(day);
    ofDay.malformedSamples = firstSamples([...ofDay.malformedSamples, ...samples]);
  }
}

function addSet({ admittingSets }: Usage, item: Item): void {
  const set = {
    day: number(item, 'day'),
    vpcId: text(item, 'vpc_id'),
    groupIds: [...(item.group_ids?.SS ?? [])].sort(byCodeUnit),
    ruleIds: [...(item.rule_ids?.SS ?? [])].sort(byCodeUnit),
  };
  const key = admittingSetKey(set);
  const { requests, replies, provenTimes } = admittingSets.get(key) ?? { requests: 0, replies: 0, provenTimes: 0 };
  admittingSets.set(key, {
    ...set,
    requests: requests + number(item, 'requests'),
    replies: replies + number(item, 'replies'),
    provenTimes: provenTimes + number(item, 'proven_times'),
  });
}

function addLog({ logs }: Usage, item: Item): void {
  const sums = within(logs, text(item, 'flow_log_id'), number(item, 'day'), emptyLogDay);
  for (const hour of item.hours?.SS ?? []) sums.hours |= 1 << Number(hour);
  for (const slot of item.slots?.SS ?? []) noteSlot(sums, Number(slot));
  sums.told |= toldOf(item.told?.SS ?? []);
  sums.lines += number(item, 'lines');
  sums.malformed += number(item, 'malformed');
}

function addInterfaces({ interfaces }: Usage, item: Item): void {
  for (const name of Object.keys(item)) {
    const [kind, interfaceId] = name.split(' ') as [string, string | undefined];
    const field = INTERFACE_FIELDS.get(kind);
    if (!field || interfaceId === undefined) continue;
    within(interfaces, interfaceId, number(item, 'day'), emptyInterfaceDay)[field] += number(item, name);
  }
  for (const told of item.logs?.SS ?? []) {
    const [interfaceId, flowLogId] = cutAtBlank(told);
    within(interfaces, interfaceId, number(item, 'day'), emptyInterfaceDay).logs.add(flowLogId);
  }
}

function addRejected({ rejected }: Usage, item: Item, hash: string): void {
  const flow = rejected.keep(Number.parseInt(hash, 16), () => ({
    interfaceId: text(item, 'interface_id'),
    direction: text(item, 'direction') === '' ? undefined : (text(item, 'direction') as Direction),
    protocol: number(item, 'protocol'),
    peer: text(item, 'peer'),
    port: number(item, 'port'),
    reason: text(item, 'reason'),
    times: 0,
    lastSeen: -1,
  }));
  if (!flow) return;
  flow.times += number(item, 'times');
  flow.lastSeen = Math.max(flow.lastSeen, number(item, 'last_seen'));
}

const INTERFACE_FIELDS: ReadonlyMap<string, keyof InterfaceCounters> = new Map(
  INTERFACE_COUNTER_NAMES.map((name) => [INTERFACE_COUNTERS[name], name]),
);

function readSample(item: Item, name: string, into: SmallestHashes<string>): void {
  for (const entry of item[name]?.SS ?? []) {
    into.keep(Number.parseInt(entry.slice(0, HASH_DIGITS), 16), () => entry.slice(HASH_DIGITS));
  }
  if (item[leftOutAttribute(name)]) into.noteOverflow();
}

/** `2026-01-31#stream#content`, `last#content`; the content may be missing. */
function splitSort(sort: string): [when: string, content: string | undefined] {
  const [first = '', second, third] = sort.split('#');
  return first === LAST ? [LAST, second] : [first, third];
}

function cutAtBlank(value: string): [before: string, after: string] {
  const at = value.indexOf(' ');
  return at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
}

function text(item: Item, name: string): string {
  const value = item[name]?.S;
  if (value === undefined) throw new Error(`an item lacks ${name}: ${JSON.stringify(item).slice(0, 200)}`);
  return value;
}

function number(item: Item, name: string, otherwise = 0): number {
  return Number(item[name]?.N ?? otherwise);
}
