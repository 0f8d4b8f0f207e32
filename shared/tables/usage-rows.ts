import { createHash } from 'node:crypto';
import type { MalformedSample } from '../flowlogs/malformed.ts';
import type { SmallestHashes } from '../usage/smallest-hashes.ts';
import {
  COUNTER_NAMES,
  COUNTERS,
  inColumns,
  INTERFACE_COUNTER_NAMES,
  INTERFACE_COUNTERS,
  LATEST,
  LATEST_NAMES,
} from '../usage/counters.ts';
import { PEERS_KEPT, UNKNOWN_INTERFACES_KEPT, type RuleDay, type Usage } from '../usage/usage.ts';
import { parseRuleId } from '../inventory/versioned-rules.ts';
import { EXPIRES_AT, expiryOf } from '../names.ts';
import type { RowChange, Sample } from './row-change.ts';
import { byCodeUnit } from './row-item.ts';
import { sourceText } from '../usage/source.ts';
import { MALFORMED_KEPT, type Addition, type RuleFacts } from '../usage/addition.ts';
import { type Day, isoDay } from '../time.ts';
import { slotsHeard, toldNames } from '../usage/log-days.ts';

/** Rows of a rule that tell of its last use for ever. */
export const LAST = 'last';

/** Whether it is such a row: it is of no source, and all of them add to it. */
export function isLastUse({ table, key }: RowChange): boolean {
  return table === 'rulesUsage' && key[1].split('#')[0] === LAST;
}

/** Of a UTC day. */
const HOURS: readonly number[] = Array.from({ length: 24 }, (_, hour) => hour);

/** Ends the parts of rejected flows, which hold nothing else; their items are in the order of the hashes. */
const REJECTED = '#rejected';

export function isRejected({ key: [part] }: Pick<RowChange, 'key'>): boolean {
  return part.endsWith(REJECTED);
}

const TOTALS = 'totals';

/** On the totals, tells that there were more rejected flows than are kept. */
export const REJECTED_LEFT_OUT = 'rejected_left_out';

/**
 * What is added, as changes of items, in the order of their keys. Counters expire `retentionDays` after their day.
 *
 * @throws Error that names item and counter where a sum is not a whole number
 */
export function usageRows({ days, rules }: Addition, retentionDays: number): RowChange[] {
  const changes: RowChange[] = [];
  for (const [day, { sources, malformedSamples }] of days) {
    for (const [source, usage] of sources)
      changes.push(...new DayRows(day, sourceText(source), retentionDays).of(usage, rules));
    changes.push(...new DayRows(day, 'any', retentionDays).ofMalformed(malformedSamples));
  }
  for (const { key, sums = {} } of changes) {
    for (const [name, value] of Object.entries(sums)) {
      if (!Number.isInteger(value) || value < 0) throw new Error(`${key.join(' ')}: ${name} is ${String(value)}`);
    }
  }
  return changes.sort((a, b) => byCodeUnit(a.key.join('\0'), b.key.join('\0')));
}

/** A sample as texts that sort by their hash. */
export const HASH_DIGITS = 14;
function hashText(hash: number): string {
  return hash.toString(16).padStart(HASH_DIGITS, '0');
}

/** What separates the parts of a text that is sorted: less than whatever a name holds. */
export const SEPARATOR = '\0';

function hashSample(hashes: SmallestHashes<string>, limit: number): Sample {
  const smallest = hashes.entries().map(([hash, text]) => `${hashText(hash)}${text}`);
  return { limit, smallest, leftOut: hashes.distinct > limit };
}

/** The changes of one day and source. */
class DayRows {
  readonly #day: Day;
  /** As text; `any` where it does not matter. */
  readonly #source: string;
  readonly #retentionDays: number;

  constructor(day: Day, source: string, retentionDays: number) {
    this.#day = day;
    this.#source = source;
    this.#retentionDays = retentionDays;
  }

  *of(usage: Usage, rules: ReadonlyMap<string, RuleFacts>): Generator<RowChange> {
    for (const [ruleId, ruleDays] of usage.rules) {
      for (const [day, use] of ruleDays) yield* this.#ofRule(ruleId, rules.get(ruleId), day, use);
    }
    for (const [setKey, { requests, replies, provenTimes, vpcId, day, groupIds, ruleIds }] of usage.admittingSets) {
      const facts = { day, vpc_id: vpcId, group_ids: groupIds, rule_ids: ruleIds };
      const sums = { requests, replies, ...(provenTimes > 0 && { proven_times: provenTimes }) };
      yield this.#row(`set#${digest(setKey)}`, { sums }, facts);
    }
    for (const [flowLogId, days] of usage.logs) {
      for (const [day, { hours, slots, told, lines, malformed }] of days) {
        const heard = HOURS.filter((hour) => (hours & (1 << hour)) !== 0).map(String);
        const delivered = slotsHeard({ slots }).map(String);
        const fields = toldNames(told);
        const sets = {
          ...(heard.length > 0 && { hours: heard }),
          ...(delivered.length > 0 && { slots: delivered }),
          ...(fields.length > 0 && { told: fields }),
        };
        const change = { sums: { lines, malformed }, sets };
        yield this.#row(`log#${String(day)} ${flowLogId}`, change, { day, flow_log_id: flowLogId });
      }
    }
    yield* this.#ofInterfaces(usage);
    for (const [hash, { times, lastSeen, interfaceId, direction = '', ...flow }] of usage.rejected.entries()) {
      const facts = { interface_id: interfaceId, direction, ...flow };
      yield {
        ...this.#row('', { sums: { times }, latest: { last_seen: lastSeen } }, facts),
        key: [`${isoDay(this.#day)}#${this.#source}${REJECTED}`, hashText(hash)],
      };
    }
    if (usage.unknownInterfaces.distinct > 0) {
      const unknown_interfaces = hashSample(usage.unknownInterfaces, UNKNOWN_INTERFACES_KEPT);
      yield this.#row('unknown-interfaces', { samples: { unknown_interfaces } });
    }
    yield this.#totals(usage);
  }

  *ofMalformed(samples: readonly MalformedSample[]): Generator<RowChange> {
    if (samples.length === 0) return;
    const text = ({ file, line, reason }: MalformedSample): string =>
      [file, String(line).padStart(16, '0'), reason].join(SEPARATOR);
    const malformed = { limit: MALFORMED_KEPT, smallest: samples.map(text).sort(byCodeUnit), leftOut: false };
    yield this.#row('malformed', { samples: { malformed } });
  }

  *#ofRule(id: string, facts: RuleFacts | undefined, day: Day, use: RuleDay): Generator<RowChange> {
    const { ruleId, content } = parseRuleId(id);
    const sort = (when: string): string => [when, ...(content === undefined ? [] : [content])].join('#');
    const rule = {
      sg_id: facts?.groupId ?? '',
      protocol: facts?.protocol ?? '',
      flow_direction: facts?.direction ?? '',
    };
    const latest = Object.fromEntries(
      LATEST_NAMES.filter((name) => use[name] >= 0).map((name) => [LATEST[name], use[name]]),
    );
    const ports = [...use.ports].flatMap(([key, { usedTimes, replyTimes }]) => [
      [`used ${key}`, usedTimes],
      [`replies ${key}`, replyTimes],
    ]);
    yield {
      table: 'rulesUsage',
      key: [ruleId, sort(`${isoDay(this.#day)}#${this.#source}`)],
      facts: { ...rule, day, source: this.#source, [EXPIRES_AT]: this.#expiry(day) },
      latest,
      samples: { peers: hashSample(use.peers, PEERS_KEPT) },
      sums: {
        ...inColumns(COUNTER_NAMES, COUNTERS, use),
        ...Object.fromEntries(use.hours.map((times, hour) => [`hour ${hour}`, times])),
        ...(Object.fromEntries(ports) as Record<string, number>),
      },
    };
    if (Object.keys(latest).length === 0) return;
    yield { table: 'rulesUsage', key: [ruleId, sort(LAST)], facts: rule, latestDay: latest };
  }

  *#ofInterfaces(usage: Usage): Generator<RowChange> {
    const byDay = new Map<Day, { sums: Record<string, number>; logs: string[] }>();
    for (const [interfaceId, days] of usage.interfaces) {
      for (const [day, seen] of days) {
        let ofDay = byDay.get(day);
        if (!ofDay) byDay.set(day, (ofDay = { sums: {}, logs: [] }));
        for (const flowLogId of seen.logs) ofDay.logs.push(`${interfaceId} ${flowLogId}`);
        for (const name of INTERFACE_COUNTER_NAMES) {
          ofDay.sums[`${INTERFACE_COUNTERS[name]} ${interfaceId}`] = seen[name];
        }
      }
    }
    for (const [day, { sums, logs }] of byDay) {
      const change = { sums: nonZero(sums), ...(logs.length > 0 && { sets: { logs } }) };
      yield this.#row(`interfaces#${String(day)}`, change, { day });
    }
  }

  /** The row of the totals. */
  #totals(usage: Usage): RowChange {
    const sums: Record<string, number> = {};
    for (const [fate, records] of Object.entries(usage.fates)) sums[`fate ${fate}`] = records;
    for (const [vpcId, days] of usage.unknownAccepted) {
      for (const [day, { records }] of days) sums[`unknown_accepted ${day} ${vpcId}`] = records;
    }
    const { requests, replies, ambiguous, lastEnd, firstEnd } = usage;
    return this.#row(TOTALS, {
      sums: { ...sums, requests, replies, ambiguous },
      latest: {
        ...(lastEnd >= 0 && { last_end: lastEnd }),
        ...(usage.rejected.distinct > usage.rejected.limit && { [REJECTED_LEFT_OUT]: 1 }),
      },
      ...(firstEnd >= 0 && { earliest: { first_end: firstEnd } }),
    });
  }

  #row(
    row: string,
    change: Omit<RowChange, 'table' | 'key' | 'facts'>,
    facts: Readonly<Record<string, string | number | readonly string[]>> = {},
  ): RowChange {
    return {
      table: 'dayUsage',
      key: [isoDay(this.#day), `${row}#${this.#source}`],
      facts: { ...facts, source: this.#source, [EXPIRES_AT]: this.#expiry(this.#day) },
      ...change,
    };
  }

  #expiry(day: Day): number {
    return expiryOf(day, this.#retentionDays);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function nonZero(sums: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0));
}
