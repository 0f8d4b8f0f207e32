/** Random accounts that change while their logs are written, and what each record alone says of each of their states. */
import { factsOf, type DayFacts } from '../../../shared/history/day-facts.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { unite } from '../../../shared/inventory/union.ts';
import { withVersionedRules } from '../../../shared/inventory/versioned-rules.ts';
import type { Usage } from '../../../shared/usage/usage.ts';
import { countText, inventoryOfFiles } from '../../oracle/core.ts';
import { Random } from '../../oracle/random.ts';
import { randomWorld, toFiles, toText } from '../../oracle/random-world.ts';
import type { OracleInventory, OracleRecord } from '../../oracle/types.ts';
import { inForce } from './history.ts';
import { dayOf, type Day } from '../../../shared/time.ts';

export const DAY_SECONDS = 86_400;
/** The days of random records: 2026-01-29 to 2026-02-01. */
export const DAYS: readonly Day[] = [0, 1, 2, 3].map((n) => Date.UTC(2026, 0, 29 + n) / 86_400_000);

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** A state of the account, and since when: days since 1970-01-01, so that noon of the first day is its number and a half. */
interface State {
  readonly at: number;
  readonly inventory: Inventory;
}

/** Of some records, what was counted under versioned ids. */
export type Count = (some: readonly OracleRecord[], inventory: Inventory) => Usage;

export interface RandomHistory {
  readonly states: readonly State[];
  readonly newest: Inventory;
  readonly records: readonly OracleRecord[];
  readonly count: Count;
  stateAt(seconds: number): State;
  /** What an account holds of the day. */
  ofDay(day: Day): { readonly facts: DayFacts; readonly usage: Usage };
}

/** An account a little later: rules gone, edited, made again and new ones; interfaces gone, and with other groups. */
function later(before: OracleInventory, random: Random): OracleInventory {
  const { securityGroupRules, securityGroups } = before;
  return {
    ...before,
    networkInterfaces: before.networkInterfaces.flatMap((one) => {
      if (random.chance(0.1)) return [];
      const groups = random.some(securityGroups, random.between(0, 2)).map(({ GroupId }) => ({ GroupId }));
      return [random.chance(0.3) ? { ...one, Groups: groups } : one];
    }),
    securityGroupRules: withoutDuplicates(
      securityGroupRules.flatMap((rule) => {
        const other = random.pick(securityGroupRules);
        switch (random.weighted({ kept: 6, gone: 1, edited: 1, again: 1, joined: 1 })) {
          case 'kept':
            return [rule];
          case 'gone':
            return [];
          case 'edited':
            return [{ ...other, SecurityGroupRuleId: rule.SecurityGroupRuleId, GroupId: rule.GroupId }];
          case 'again':
            return [{ ...rule, SecurityGroupRuleId: random.id('sgr') }];
          case 'joined':
            return [rule, { ...other, SecurityGroupRuleId: random.id('sgr'), GroupId: rule.GroupId }];
        }
      }),
      new Set(securityGroupRules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)),
    ),
  };
}

/**
 * EC2 refuses a rule that its group has already: no such one comes to those that were there.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (InvalidPermission.Duplicate)
 */
function withoutDuplicates<R extends OracleInventory['securityGroupRules'][number]>(
  rules: readonly R[],
  before: ReadonlySet<string>,
): R[] {
  const contentOf = (rule: R): string => JSON.stringify({ ...rule, SecurityGroupRuleId: '', Description: '' });
  const first = new Map<string, string>();
  const olderFirst = [...rules].sort(
    (a, b) => Number(before.has(b.SecurityGroupRuleId)) - Number(before.has(a.SecurityGroupRuleId)),
  );
  for (const rule of olderFirst) first.set(contentOf(rule), first.get(contentOf(rule)) ?? rule.SecurityGroupRuleId);
  return rules.filter((rule) => first.get(contentOf(rule)) === rule.SecurityGroupRuleId);
}

/** Every VPC has a flow log and is heard every day: what is silent is so for want of traffic. */
function inventoryOf(state: OracleInventory): Inventory {
  const vpcIds = new Set(state.networkInterfaces.map(({ VpcId = '' }) => VpcId));
  const FlowLogs = [...vpcIds].map((ResourceId) => ({
    FlowLogId: `fl-${ResourceId}`,
    ResourceId,
    TrafficType: 'ALL',
    FlowLogStatus: 'ACTIVE',
    CreationTime: '2025-01-01T00:00:00Z',
  }));
  return inventoryOfFiles({ ...toFiles(state), 'flow-logs.json': { FlowLogs } });
}

/** @param changes moments at which the account changes */
export function randomHistory(seed: number, changes: number): RandomHistory {
  // Another sequence than the world's, or ids would come again.
  const random = new Random(seed + 1_000_000);
  const world = randomWorld(seed, { recordCount: 60, maxRules: 25 });
  const first = DAYS[0]!;
  const moments = Array.from({ length: changes }, () => first + DAYS.length * random.next()).sort((a, b) => a - b);
  let state = world.inventory;
  const states = [{ at: 0, inventory: inventoryOf(state) }];
  for (const at of moments) states.push({ at, inventory: inventoryOf((state = later(state, random))) });
  const known = new Set(states.flatMap(({ inventory }) => [...inventory.interfaces.keys()]));
  const heard = [...known].flatMap((id, i) =>
    DAYS.flatMap((day) => (i === 0 ? HOURS : [0]).map((hour) => noData(id, day, hour))),
  );
  const flows = world.records.filter(
    (record) => known.has(record['interface-id']!) && record['log-status'] !== 'SKIPDATA',
  );
  const records = [...flows, ...heard];
  const count: Count = (some, inventory) => countText(withVersionedRules(inventory), toText([...some], world.columns));
  const inForceOn = (day: Day) => inForce(states, day + 1);
  return {
    states,
    newest: states.at(-1)!.inventory,
    records,
    count,
    stateAt: (seconds) => states.findLast(({ at }) => at * DAY_SECONDS <= seconds)!,
    ofDay: (day) => {
      const { moments: stood, assumed } = inForceOn(day);
      const some = records.filter(({ end }) => dayOf(Number(end)) === day);
      const taken = stood.map(({ at, inventory }) => ({ takenAt: Math.floor(at * DAY_SECONDS), inventory }));
      const usage = count(some, stood.map(({ inventory }) => inventory).reduce(unite));
      return { facts: factsOf({ day, assumed, outdated: false }, taken), usage };
    },
  };
}

function noData(interfaceId: string, day: Day, hour: number): OracleRecord {
  const end = String(day * DAY_SECONDS + hour * 3600 + 600);
  return { version: '8', 'interface-id': interfaceId, start: end, end, 'log-status': 'NODATA' };
}
