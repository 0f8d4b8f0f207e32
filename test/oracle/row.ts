/** What a hand-worked row holds, the inventory it stands on, and the figures it expects. Notation: shorthand.ts. */
import { ACCOUNT, END, interfaceOf, ruleOf } from './shorthand.ts';
import type { OracleInventory, OracleResult, OracleRuleUse, OracleVpc, PossibleReason } from './types.ts';

/** One record against a few rules. */
export interface Row {
  why: string;
  rules: string[];
  record: string;
  /** Fate, then hypothesis and deciding step where the record came that far. */
  says: string;
  /** The counters that are 1, by rule, possible use with its reason: `used sole primary`, `possible(i)`. */
  use?: Record<string, string>;
  peer?: string;
  /** Interfaces besides the standard ones; prefix lists; vpcs as 'vpc-1 10.0.0.0/16'. */
  interfaces?: string[];
  prefixLists?: Record<string, { family?: string; entries?: string[] }>;
  vpcs?: string[];
  /** VPCs of groups besides the listed ones, which are of vpc-1. */
  groups?: Record<string, string>;
}

/** Present in every row. sg-web, sg-db and sg-two are listed as groups of this account; sg-nowhere is on no interface. */
const STANDARD_INTERFACES = [
  'eni-a vpc-1 sg-web 10.0.0.10 10.0.0.11 10.0.1.16/28 2001:db8::10 2001:db8:0:1::/80',
  'eni-b vpc-1 sg-db 10.0.0.20 2001:db8::20',
  'eni-nat vpc-1 - 10.0.0.5 type=nat_gateway',
  'eni-two vpc-2 sg-two 10.0.0.99 10.2.0.7',
];
const LISTED_GROUPS = ['sg-web', 'sg-db', 'sg-two', 'sg-nowhere', 'sg-lb', 'sg-eice'];

export function inventoryOf(
  row: Pick<Row, 'rules' | 'interfaces' | 'prefixLists' | 'vpcs' | 'groups'>,
): OracleInventory {
  const groups = { ...Object.fromEntries(LISTED_GROUPS.map((GroupId) => [GroupId, 'vpc-1'])), ...row.groups };
  return {
    securityGroups: Object.entries(groups).map(([GroupId, VpcId]) => ({ GroupId, OwnerId: ACCOUNT, VpcId })),
    securityGroupRules: row.rules.map(ruleOf),
    networkInterfaces: [...STANDARD_INTERFACES, ...(row.interfaces ?? [])].map(interfaceOf),
    prefixLists: row.prefixLists ?? {},
    ...(row.vpcs === undefined ? {} : { vpcs: row.vpcs.map(vpcOf) }),
  };
}

function vpcOf(text: string): OracleVpc {
  const [VpcId = '', ...blocks] = text.split(' ');
  return { VpcId, CidrBlockAssociationSet: blocks.map((CidrBlock) => ({ CidrBlock })) };
}

/** Why each rule of the row was possibly used. */
export function reasonsOf(row: Row): Record<string, PossibleReason> {
  const reasons = Object.entries(row.use ?? {}).map(([id, use]) => [id, /possible\((\w+)\)/.exec(use)?.[1]] as const);
  return Object.fromEntries(reasons.filter(([, reason]) => reason !== undefined)) as Record<string, PossibleReason>;
}

/** A result in the words of rows: what one record added, and to which rules. */
export interface Figures {
  /** Those that are not 0. */
  records: Record<string, number>;
  rules: Record<string, RuleFigures>;
  /** [ids of the admitting rules, requests, replies] */
  admittingSets: [string, number, number][];
}

interface RuleFigures {
  /** `used sole`, and `used:2` for what was counted twice; counters that are 0 are left out. */
  counters: string;
  packets: number;
  bytes: number;
  lastUsed: number | null;
  lastPossible: number | null;
  /** [requests, replies] of each port bucket. */
  ports: [number, number][];
}

const COUNTERS = {
  used: 'usedTimes',
  sole: 'soleTimes',
  primary: 'primaryTimes',
  inferred: 'inferredTimes',
  reply: 'replyTimes',
  possible: 'possibleTimes',
  untracked: 'untrackedReplies',
} as const;

/** What the row says of rules it does not name: nothing. */
export function expectedFigures(row: Row): Figures {
  const [fate = '', hypothesis] = row.says.split(' ');
  const rules = row.rules.map((rule) => ruleOf(rule).SecurityGroupRuleId);
  const countersOf = (id: string): string => (row.use?.[id] ?? '').replace(/\(\w+\)/g, '');
  const credited = rules.filter((id) => /\b(used|reply)\b/.test(countersOf(id))).sort();
  const [requests, replies] = [hypothesis === 'request' ? 1 : 0, hypothesis === 'reply' ? 1 : 0];
  const figuresOfRule = (id: string): RuleFigures => ({
    counters: countersOf(id),
    ...(credited.includes(id)
      ? { packets: 10, bytes: 100, lastUsed: END, ports: [[requests, replies]] }
      : { packets: 0, bytes: 0, lastUsed: null, ports: [] }),
    lastPossible: countersOf(id).includes('possible') ? END : null,
  });
  return {
    records: { total: 1, [fate]: 1, ...(requests > 0 ? { requests } : {}), ...(replies > 0 ? { replies } : {}) },
    rules: Object.fromEntries(rules.map((id) => [id, figuresOfRule(id)])),
    admittingSets: credited.length > 0 ? [[credited.join(','), requests, replies]] : [],
  };
}

export function figuresOf(result: OracleResult): Figures {
  const days = Object.values(result.admittingSets).flatMap((byDay) => Object.values(byDay));
  return {
    records: Object.fromEntries(Object.entries(result.records).filter(([, times]) => times > 0)),
    rules: Object.fromEntries(
      Object.entries(result.rules).map(([id, use]) => [
        id,
        {
          counters: countersIn(use),
          packets: use.packets,
          bytes: use.bytes,
          lastUsed: use.lastUsed,
          lastPossible: use.lastPossible,
          ports: use.ports.map((port) => [port.usedTimes, port.replyTimes]),
        },
      ]),
    ),
    admittingSets: days.flatMap((sets) =>
      Object.entries(sets).map(([ids, { requests, replies }]): [string, number, number] => [ids, requests, replies]),
    ),
  };
}

const countersIn = (use: OracleRuleUse): string =>
  Object.entries(COUNTERS)
    .filter(([, counter]) => use[counter] > 0)
    .map(([word, counter]) => (use[counter] === 1 ? word : `${word}:${String(use[counter])}`))
    .join(' ');
