/**
 * What the program should say, by the most naive means: every record against every rule and every interface, no
 * index, no memory, and no line of code shared with the program. Written from the design page, not from the code.
 */
import { explainRecord } from './explain.ts';
import { hasPorts, portsOf } from './match.ts';
import type {
  Explanation,
  Fate,
  NightEvidence,
  OracleInventory,
  OraclePortUse,
  OracleRecord,
  OracleResult,
  OracleRuleUse,
} from './types.ts';

export { explainRecord } from './explain.ts';
export type * from './types.ts';

export const FATES: readonly Fate[] = [
  'noData',
  'skipData',
  'malformed',
  'otherAccount',
  'duplicateLog',
  'rejected',
  'unknownInterface',
  'noGroup',
  'unknownDirection',
  'possible',
  'unexplained',
  'attributed',
];

/** @param nights what the night knows of each record, in their order */
export function oracleUsage(
  inventory: OracleInventory,
  records: OracleRecord[],
  nights: readonly NightEvidence[] = [],
): OracleResult {
  const result: OracleResult = {
    records: {
      total: 0,
      noData: 0,
      skipData: 0,
      malformed: 0,
      otherAccount: 0,
      duplicateLog: 0,
      rejected: 0,
      unknownInterface: 0,
      noGroup: 0,
      unknownDirection: 0,
      possible: 0,
      unexplained: 0,
      attributed: 0,
      requests: 0,
      replies: 0,
    },
    rules: Object.fromEntries(inventory.securityGroupRules.map((rule) => [rule.SecurityGroupRuleId, noUse()])),
    admittingSets: {},
  };
  for (const [at, record] of records.entries()) {
    const { fate, explanation, eitherWay = [] } = explainRecord(inventory, record, nights[at]);
    for (const id of eitherWay) possiblyUsed(useOf(result, id), Number(record.end));
    result.records.total += 1;
    result.records[fate] += 1;
    if (explanation !== undefined) credit(inventory, result, record, explanation);
  }
  for (const use of Object.values(result.rules)) use.ports.sort(byProtocolAndPort);
  return result;
}

function noUse(): OracleRuleUse {
  return {
    usedTimes: 0,
    soleTimes: 0,
    primaryTimes: 0,
    inferredTimes: 0,
    replyTimes: 0,
    possibleTimes: 0,
    untrackedReplies: 0,
    packets: 0,
    bytes: 0,
    lastUsed: null,
    lastPossible: null,
    ports: [],
  };
}

/** DESIGN 2.7. */
function credit(inventory: OracleInventory, result: OracleResult, record: OracleRecord, why: Explanation): void {
  const isRequest = why.hypothesis === 'request';
  const end = Number(record.end);
  result.records[isRequest ? 'requests' : 'replies'] += 1;

  for (const { rule: id } of why.possible) {
    possiblyUsed(useOf(result, id), end);
  }
  for (const id of why.untracked) useOf(result, id).untrackedReplies += 1;

  for (const id of why.admitting) {
    const use = useOf(result, id);
    use.packets += Number(record.packets);
    use.bytes += Number(record.bytes);
    use.lastUsed = Math.max(use.lastUsed ?? end, end);
    const bucket = bucketOf(inventory, use, why);
    if (isRequest) {
      use.usedTimes += 1;
      bucket.usedTimes += 1;
      if (why.admitting.length === 1) use.soleTimes += 1;
      if (why.decision !== 'syn' || why.fellBack || why.isLone) use.inferredTimes += 1;
      if (why.primary === id) use.primaryTimes += 1;
    } else {
      use.replyTimes += 1;
      bucket.replyTimes += 1;
    }
  }

  if (why.admitting.length > 0) {
    const days = (result.admittingSets[why.groups.join(',')] ??= {});
    const sets = (days[why.day] ??= {});
    const times = (sets[why.admitting.join(',')] ??= { requests: 0, replies: 0 });
    times[isRequest ? 'requests' : 'replies'] += 1;
  }
}

function possiblyUsed(use: OracleRuleUse, end: number): void {
  use.possibleTimes += 1;
  use.lastPossible = Math.max(use.lastPossible ?? end, end);
}

function useOf(result: OracleResult, id: string): OracleRuleUse {
  const use = result.rules[id];
  if (use === undefined) throw new Error(`no such rule: ${id}`);
  return use;
}

function bucketOf(inventory: OracleInventory, use: OracleRuleUse, why: Explanation): OraclePortUse {
  const { fromPort, toPort } = bucketRange(inventory, why.protocol, why.servicePort);
  const protocol = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' }[why.protocol] ?? String(why.protocol);
  const known = use.ports.find(
    (item) => item.protocol === protocol && item.fromPort === fromPort && item.toPort === toPort,
  );
  if (known !== undefined) return known;
  const bucket: OraclePortUse = { protocol, fromPort, toPort, usedTimes: 0, replyTimes: 0 };
  use.ports.push(bucket);
  return bucket;
}

/** Exact below 1,024 and for every port that any rule of the inventory names alone, 1,024-wide ranges above. */
function bucketRange(inventory: OracleInventory, protocol: number, port: number | null) {
  if (!hasPorts(protocol) || port === null) return { fromPort: null, toPort: null };
  const namedAlone = inventory.securityGroupRules.some((rule) => {
    const ports = portsOf(rule);
    return ports?.from === port && ports.to === port;
  });
  if (port < 1024 || namedAlone) return { fromPort: port, toPort: port };
  const fromPort = port - (port % 1024);
  return { fromPort, toPort: fromPort + 1023 };
}

export const byProtocolAndPort = (a: OraclePortUse, b: OraclePortUse): number =>
  a.protocol !== b.protocol
    ? a.protocol < b.protocol
      ? -1
      : 1
    : (a.fromPort ?? 0) - (b.fromPort ?? 0) || (a.toPort ?? 0) - (b.toPort ?? 0);
