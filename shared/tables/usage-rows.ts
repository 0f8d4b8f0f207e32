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
  type LatestTimes,
} from '../usage/counters.ts';
import type { RuleDay, Usage } from '../usage/usage.ts';
import { parseRuleId } from '../inventory/versioned-rules.ts';
import { EXPIRES_AT, expiryOf } from '../names.ts';
import type { RowChange, Sample } from './row-change.ts';
import { compareText } from '../text/compare.ts';
import { sourceText, type Source } from '../usage/source.ts';
import type { Addition, RuleFacts } from '../usage/addition.ts';
import { type Day, isoDay } from '../time.ts';
import { slotsHeard, toldNames } from '../usage/log-days.ts';

/** Rows of a rule that tell of its last use for ever. */
export const LAST = 'last';

/** Of a UTC day. */
const HOURS: readonly number[] = Array.from({ length: 24 }, (_, hour) => hour);

/** Ends the parts of rejected flows, which hold nothing else; their items are in the order of the hashes. */
const REJECTED = '#rejected';

export function isRejected({ key: [part] }: Pick<RowChange, 'key'>): boolean {
  return part.endsWith(REJECTED);
}

/** On the totals, tells that there were more rejected flows than are kept. */
export const REJECTED_LEFT_OUT = 'rejected_left_out';

/**
 * What is added, in the order of the keys. Counters of rules expire `retentionDays` after their day.
 *
 * @throws Error that names row and counter where a sum is not a whole number
 */
export function usageRows(addition: Addition, retentionDays: number): RowChange[] {
  const rows = [...rulesIn(addition)].map((rule) => ruleRow(rule, retentionDays));
  for (const [day, { sources, malformedSamples }] of addition.days) {
    for (const [source, usage] of sources) rows.push(...new DayRows(day, sourceText(source)).of(usage));
    rows.push(...new DayRows(day, 'any').ofMalformed(malformedSamples));
  }
  for (const row of rows) checkNumbers(row);
  return rows.sort((a, b) => compareText(a.key.join('\0'), b.key.join('\0')));
}

/** @throws Error that names row and counter where one is not a whole number */
export function checkNumbers({ key, sums, latest, earliest }: RowChange): void {
  for (const [name, value] of Object.entries({ ...sums, ...latest, ...earliest })) {
    if (!Number.isInteger(value) || value < 0) throw new Error(`${key.join(' ')}: ${name} is ${String(value)}`);
  }
}

/** What is counted of a rule on a day. */
export interface RuleOfDay {
  readonly id: string;
  /** Undefined where nobody knows them. */
  readonly facts: RuleFacts | undefined;
  /** The day and source among whose counters it is. */
  readonly of: Day;
  readonly source: Source;
  /** Its own. */
  readonly day: Day;
  readonly use: RuleDay;
}

export function* rulesIn({ days, rules }: Addition): Generator<RuleOfDay> {
  for (const [of, { sources }] of days) {
    for (const [source, usage] of sources) {
      for (const [id, uses] of usage.rules) {
        for (const [day, use] of uses) yield { id, facts: rules.get(id), of, source, day, use };
      }
    }
  }
}

/** The row of a rule and day, which expires `retentionDays` after its day. */
export function ruleRow({ id, facts, of, source, day, use }: RuleOfDay, retentionDays: number): RowChange {
  const under = sourceText(source);
  const ports = [...use.ports].flatMap(([key, { usedTimes, replyTimes }]) => [
    [`used ${key}`, usedTimes] as const,
    [`replies ${key}`, replyTimes] as const,
  ]);
  const sums = {
    ...inColumns(COUNTER_NAMES, COUNTERS, use),
    ...Object.fromEntries(use.hours.map((times, hour) => [`hour ${hour}`, times])),
    ...Object.fromEntries(ports),
  };
  return {
    table: 'rulesUsage',
    key: keyOfRule(id, `${isoDay(of)}#${under}`),
    facts: { ...factsOf(facts), day, source: under, [EXPIRES_AT]: expiryOf(day, retentionDays) },
    latest: latestOf(use),
    samples: { peers: hashSample(use.peers) },
    sums: nonZero(sums),
  };
}

type LastUseOfRule = Pick<RuleOfDay, 'id' | 'facts'> & { readonly use: LatestTimes };

/** The row that tells of a rule's last use for ever: of no source, and all of them move it. */
export function lastUseRow({ id, facts, use }: LastUseOfRule): RowChange {
  return { table: 'rulesUsage', key: keyOfRule(id, LAST), facts: factsOf(facts), latest: latestOf(use) };
}

function keyOfRule(id: string, when: string): RowChange['key'] {
  const { ruleId, content } = parseRuleId(id);
  return [ruleId, content === undefined ? when : `${when}#${content}`];
}

function factsOf(facts: RuleFacts | undefined) {
  return { sg_id: facts?.groupId ?? '', protocol: facts?.protocol ?? '', flow_direction: facts?.direction ?? '' };
}

function latestOf(use: LatestTimes): Record<string, number> {
  return Object.fromEntries(LATEST_NAMES.filter((name) => use[name] >= 0).map((name) => [LATEST[name], use[name]]));
}

/** A sample as texts that sort by their hash. */
export const HASH_DIGITS = 14;
function hashText(hash: number): string {
  return hash.toString(16).padStart(HASH_DIGITS, '0');
}

/** What separates the parts of a text that is sorted: less than whatever a name holds. */
export const SEPARATOR = '\0';

function hashSample(hashes: SmallestHashes<string>): Sample {
  const smallest = hashes.entries().map(([hash, text]) => `${hashText(hash)}${text}`);
  return { smallest, leftOut: hashes.distinct > hashes.limit };
}

/** The changes of one day and source. */
class DayRows {
  readonly #day: Day;
  /** As text; `any` where it does not matter. */
  readonly #source: string;

  constructor(day: Day, source: string) {
    this.#day = day;
    this.#source = source;
  }

  *of(usage: Usage): Generator<RowChange> {
    for (const [setKey, { requests, replies, provenTimes, vpcId, day, groupIds, ruleIds }] of usage.admittingSets) {
      const facts = { day, vpc_id: vpcId, group_ids: groupIds, rule_ids: ruleIds };
      const sums = nonZero({ requests, replies, proven_times: provenTimes });
      yield this.#row(`set#${digest(setKey)}`, { sums }, facts);
    }
    for (const [flowLogId, days] of usage.logs) {
      for (const [day, { hours, slots, told, lines, malformed }] of days) {
        const heard = HOURS.filter((hour) => (hours & (1 << hour)) !== 0).map(String);
        const sets = { hours: heard, slots: slotsHeard({ slots }).map(String), told: toldNames(told) };
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
      const unknown_interfaces = hashSample(usage.unknownInterfaces);
      yield this.#row('unknown-interfaces', { samples: { unknown_interfaces } });
    }
    yield this.#totals(usage);
  }

  *ofMalformed(samples: readonly MalformedSample[]): Generator<RowChange> {
    if (samples.length === 0) return;
    const text = ({ file, line, reason }: MalformedSample): string =>
      [file, String(line).padStart(16, '0'), reason].join(SEPARATOR);
    const malformed = { smallest: samples.map(text).sort(compareText), leftOut: false };
    yield this.#row('malformed', { samples: { malformed } });
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
      yield this.#row(`interfaces#${String(day)}`, { sums: nonZero(sums), sets: { logs } }, { day });
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
    return this.#row('totals', {
      sums: nonZero({ ...sums, requests, replies, ambiguous }),
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
      facts: { ...facts, source: this.#source },
      ...change,
    };
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function nonZero(sums: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0));
}
