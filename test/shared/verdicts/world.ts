import type { Inventory } from '../../../shared/inventory/inventory.ts';
import type { InterfaceCounters } from '../../../shared/usage/counters.ts';
import {
  emptyUsage,
  ruleDay,
  within,
  emptyInterfaceDay,
  type RuleDay,
  type Usage,
} from '../../../shared/usage/usage.ts';
import { judge, type Judged } from '../../../shared/verdicts/judge.ts';
import type { Verdict } from '../../../shared/verdicts/verdict.ts';
import { awsRule, inventoryOf } from '../inventory/aws-shorthand.ts';
import { emptyLogDay } from '../../../shared/usage/log-days.ts';

/** The day before the first of the window, so that days of the window count from 1: 2026-01-10. */
export const DAY_0 = Date.UTC(2026, 0, 10) / 86_400_000;
const DAY = 86_400;

/**
 * What a verdict is asked of. Days are numbered from 1, the first of a window of 10 that ends with midnight after day 10.
 * A gap in what is said stands for the quiet account in which a rule nobody used is stale: see {@link QUIET}.
 */
export interface World {
  /** `sg-web vpc-1`: group id and VPC; without VPC a group that only its rules tell of. */
  readonly groups?: readonly string[];
  /** `r1 sg-web in tcp 22 10.0.0.0/8`: rule id, group, then as in `awsRule`. The verdict is that of the first. */
  readonly rules?: readonly string[];
  /** Of the first rule, `key=value`. */
  readonly tags?: readonly string[];
  /**
   * `eni-a vpc-1/subnet-1 sg-web,sg-db aaaaaaaaaa`: what was read of it, a letter a day, from day 1 (or from `day:`):
   * `a` an accepted record, `n` NODATA, `r` a rejected one, `s` SKIPDATA, `S` SKIPDATA and an accepted one, `.` nothing;
   * then its type, `interface` if none; then the day it was attached on (may be broken), if anybody knows.
   */
  readonly interfaces?: readonly string[];
  /** `eni-a 3 accepted=90 skipData=1`: more of a day; `records` is their sum unless it is said. */
  readonly more?: readonly string[];
  /** `eni-a fl-1`: the flow log that tells of the interface; files whose name has no id if none. */
  readonly told?: readonly string[];
  /**
   * `fl-1 3 hours=20 slots=11 lines=1000 malformed=11`: how a flow log (`-`: files whose name has no id) was heard on a day,
   * and in how many five minutes of each of these hours, by the names of its files. Where nothing is said, one that told of
   * anything on a day was heard in all of its hours, and names tell nothing. With `full=8`, of so many hours all files are
   * there.
   */
  readonly logs?: readonly string[];
  /** `pl-1 10.0.0.0/24,10.0.1.0/24`: the entries of prefix lists. */
  readonly lists?: readonly string[];
  /** `vpc-2 444455556666`: owners of VPCs; and of interfaces and groups, by their ids. */
  readonly owners?: readonly string[];
  /** `fl-1 vpc-1 ALL 2`: what it covers, what it logs, the day it was made (may be broken, may be left out), `inactive`. */
  readonly flowLogs?: readonly string[] | 'no list';
  /** `r1 3 used=2 sole=1 reply=1 possible=0 untracked=0 setAside=0`: use of a rule on a day. */
  readonly use?: readonly string[];
  /**
   * `3 r1,r2 sg-web`: a set of rules that admitted the same flows on a day, on interfaces of these groups (`sg-web`);
   * `3 r1 sg-web proven`: and they stayed in one subnet, the SYN being seen where the rule was alone.
   */
  readonly sets?: readonly string[];
  /** `vpc-1 3 7`: VPC (`-` where the log does not say), day, accepted records of unknown interfaces. */
  readonly unknown?: readonly string[];
  /** `sg-web vpc-2 associated` */
  readonly associations?: readonly string[];
  /** Days, broken ones too: 10 is midnight after day 10. */
  readonly asOf?: number;
  readonly windowDays?: number;
  /** A day: 0 is midnight before day 1. */
  readonly rulesKnownSince?: number;
}

/** One group on one interface, logged since long ago and heard every day. Its rule was never used. */
export const QUIET = {
  groups: ['sg-web vpc-1'],
  rules: ['r1 sg-web in tcp 22 10.0.0.0/8'],
  interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa'],
  flowLogs: ['fl-1 vpc-1 ALL -100'],
} as const satisfies World;

/** Days counted as in {@link World} to UNIX seconds. */
export function secondsOf(day: number): number {
  return Math.round((DAY_0 + 1 + day) * DAY);
}

/** Of every rule of the world, in the order of the inventory. */
export function judged(world: World): Judged[] {
  const { asOf = 10, windowDays = 10, rulesKnownSince } = world;
  return judge(inventory({ ...QUIET, ...world }), usage({ ...QUIET, ...world }), {
    asOf: secondsOf(asOf),
    windowDays,
    rulesKnownSince: rulesKnownSince === undefined ? undefined : secondsOf(rulesKnownSince),
  });
}

/** In short, of the first rule that the world names: `stale ageUnknown`, `notObserved notCovered 9/10`, … */
export function verdictOf(world: World): string {
  const [first] = (world.rules ?? QUIET.rules)[0]!.split(' ');
  return shortly(judged(world).find(({ rule }) => rule.ruleId === first)!.verdict);
}

export function shortly(verdict: Verdict): string {
  const { kind } = verdict;
  switch (kind) {
    case 'exempt':
      return `exempt "${verdict.reason}" until ${verdict.until ?? 'ever'}${verdict.owner === null ? '' : ` by ${verdict.owner}`}`;
    case 'active':
      return verdict.unanswered ? 'active unanswered' : 'active';
    case 'redundant':
      return `redundant by ${verdict.coveredBy.join(',')}${reserve(verdict)}`;
    case 'tooYoung':
      return `tooYoung ${verdict.young} since ${verdict.since}`;
    case 'unattached':
      return `unattached${verdict.referred ? ' referred' : ''}${reserve(verdict)}`;
    case 'stale':
      return `stale${reserve(verdict)}`;
    case 'notObserved':
      return `notObserved ${verdict.reason} ${evidenceOf(verdict)}`.trimEnd();
  }
}

function reserve({ ageUnknown, provisional }: Extract<Verdict, { readonly ageUnknown: boolean }>): string {
  const of = provisional
    ? ` provisional ${provisional.watchedDays}/${provisional.windowDays} ${provisional.wholeOn}`
    : '';
  return `${ageUnknown ? ' ageUnknown' : ''}${of}`;
}

function evidenceOf(verdict: Verdict & { kind: 'notObserved' }): string {
  switch (verdict.reason) {
    case 'unmatchable':
    case 'neverLogged':
      return verdict.detail;
    case 'onlyPossibleUse':
      return String(verdict.possibleTimes);
    case 'notWatched': {
      const whose = verdict.interfaceId === null ? '' : ` ${verdict.interfaceId}`;
      return `${verdict.watchedDays}/${verdict.days} ${verdict.because}${whose}`;
    }
    case 'idle':
      return '';
    case 'peerAbsent':
      return verdict.groupId;
    case 'onlySetAside':
      return String(verdict.setAsideTimes);
    case 'windowTag':
      return verdict.detail;
    case 'sharedGroup':
      return verdict.ownerId ?? verdict.vpcId ?? '';
  }
}

type Full = World & typeof QUIET;

const ALL_HOURS = 2 ** 24 - 1;

export function inventory(world: World): Inventory {
  const { groups, rules, interfaces, flowLogs } = world as Full;
  const tags = (world.tags ?? []).map((tag) => /^(.*?)=(.*)$/s.exec(tag)!).map(([, Key, Value]) => ({ Key, Value }));
  return inventoryOf({
    groups: groups
      .map((text: string) => text.split(' '))
      .flatMap(([GroupId, VpcId]) =>
        VpcId === undefined ? [] : [{ GroupId, VpcId, OwnerId: ownerOf(world, GroupId!) }],
      ),
    rules: rules.map((text: string, i: number) => {
      const [SecurityGroupRuleId, GroupId, ...rule] = text.split(' ');
      return awsRule(rule.join(' '), { SecurityGroupRuleId, GroupId, ...(i === 0 ? { Tags: tags } : {}) });
    }),
    interfaces: interfaces.map((text: string, i: number) => {
      const [NetworkInterfaceId = '', place = '', groupIds = '', , InterfaceType = 'interface', attached] =
        text.split(' ');
      const [VpcId, SubnetId] = place.split('/');
      const Groups = groupIds === '-' ? [] : groupIds.split(',').map((GroupId) => ({ GroupId }));
      const Attachment = attached === undefined ? {} : { AttachTime: timeOf(Number(attached) - 1) };
      const OwnerId = ownerOf(world, NetworkInterfaceId);
      const PrivateIpAddress = `10.0.0.${i + 1}`;
      return { NetworkInterfaceId, InterfaceType, VpcId, SubnetId, Groups, PrivateIpAddress, Attachment, OwnerId };
    }),
    ...((flowLogs as World['flowLogs']) === 'no list' ? {} : { flowLogs: flowLogs.map(flowLog) }),
    associations: (world.associations ?? []).map((text) => {
      const [GroupId, VpcId, State] = text.split(' ');
      return { GroupId, VpcId, State };
    }),
    vpcs: ['vpc-1', 'vpc-2'].map((VpcId, i) => {
      return { VpcId, CidrBlock: `10.${i}.0.0/16`, OwnerId: ownerOf(world, VpcId) };
    }),
    prefixLists: (world.lists ?? []).map((text) => ({ PrefixListId: text.split(' ')[0] })),
    entries: Object.fromEntries(
      (world.lists ?? []).map((text): [string, string[]] => {
        const [id = '', cidrs = ''] = text.split(' ');
        return [id, cidrs.split(',')];
      }),
    ),
  });
}

function ownerOf(world: World, id: string): string {
  const [, owner = ''] = (world.owners ?? []).map((text) => text.split(' ')).find(([of]) => of === id) ?? [];
  return owner;
}

function timeOf(day: number): string {
  return new Date(1000 * secondsOf(day)).toISOString();
}

function flowLog(text: string): Record<string, unknown> {
  const [FlowLogId, ResourceId, TrafficType, day, inactive] = text.split(' ');
  return {
    FlowLogId,
    ResourceId,
    TrafficType,
    FlowLogStatus: inactive === undefined ? 'ACTIVE' : 'FAILED',
    CreationTime: day === undefined ? '' : timeOf(Number(day) - 1),
  };
}

const LETTERS: Readonly<Record<string, Partial<InterfaceCounters>>> = {
  a: { records: 1, accepted: 1 },
  n: { records: 1, noData: 1 },
  r: { records: 1 },
  s: { records: 1, skipData: 1 },
  S: { records: 2, accepted: 1, skipData: 1 },
};

export function usage(world: World): Usage {
  const counted = emptyUsage();
  const tellers = new Map((world.told ?? []).map((text) => text.split(' ') as [string, string]));
  const seen = (interfaceId: string, day: number, more: Partial<InterfaceCounters>): void => {
    const sums = within(counted.interfaces, interfaceId, DAY_0 + day, emptyInterfaceDay);
    const log = tellers.get(interfaceId) ?? '';
    sums.logs.add(log);
    const heard = within(counted.logs, log, DAY_0 + day, emptyLogDay);
    heard.hours = ALL_HOURS;
    heard.lines += more.records ?? 0;
    for (const key of ['records', 'accepted', 'noData', 'skipData'] as const) sums[key] += more[key] ?? 0;
  };
  for (const text of (world as Full).interfaces) {
    const [interfaceId = '', , , letters = ''] = text.split(' ');
    const [, from = '1', days = ''] = /^(?:(-?\d+):)?(.*)$/.exec(letters)!;
    for (const [i, letter] of days.split('').entries())
      if (letter !== '.') seen(interfaceId, Number(from) + i, LETTERS[letter]!);
  }
  for (const text of world.more ?? []) {
    const [interfaceId = '', day, ...pairs] = text.split(' ');
    const { accepted = 0, noData = 0, skipData = 0, records = accepted + noData + skipData } = numbersOf(pairs);
    seen(interfaceId, Number(day), { records, accepted, noData, skipData });
  }
  for (const text of world.use ?? []) {
    const [ruleId = '', day, ...pairs] = text.split(' ');
    const { used = 0, sole = 0, reply = 0, possible = 0, untracked = 0, setAside = 0 } = numbersOf(pairs);
    const sums: Partial<RuleDay> = { usedTimes: used, soleTimes: sole, replyTimes: reply, possibleTimes: possible };
    Object.assign(ruleDay(counted, ruleId, DAY_0 + Number(day)), sums, {
      untrackedReplies: untracked,
      setAsideTimes: setAside,
    });
  }
  for (const text of world.sets ?? []) {
    const [day, ids = '', groups = 'sg-web', proven] = text.split(' ');
    const [ruleIds, groupIds] = [ids.split(',').sort(), groups.split(',').sort()];
    const set = {
      day: DAY_0 + Number(day),
      vpcId: 'vpc-1',
      groupIds,
      ruleIds,
      requests: 1,
      replies: 1,
      provenTimes: proven ? 1 : 0,
    };
    counted.admittingSets.set(text, set);
  }
  for (const text of world.logs ?? []) {
    const [id = '', day, ...pairs] = text.split(' ');
    const { hours = 24, slots = 0, full = 0, lines, malformed = 0 } = numbersOf(pairs);
    const heard = within(counted.logs, id === '-' ? '' : id, DAY_0 + Number(day), emptyLogDay);
    Object.assign(heard, { hours: 2 ** hours - 1, malformed, lines: lines ?? heard.lines });
    for (let hour = 0; hour < hours; hour++) heard.slots[hour] = 2 ** (hour < full ? 12 : slots) - 1;
  }
  for (const text of world.unknown ?? []) {
    const [vpcId = '', day, records] = text.split(' ');
    within(counted.unknownAccepted, vpcId === '-' ? '' : vpcId, DAY_0 + Number(day), () => ({ records: 0 })).records +=
      Number(records);
  }
  return counted;
}

function numbersOf(pairs: readonly string[]): Record<string, number> {
  return Object.fromEntries(pairs.map((pair) => pair.split('=')).map(([key, value]) => [key!, Number(value)]));
}
