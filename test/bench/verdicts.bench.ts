/**
 * A year of an account of 10,000 rules, judged day by day: time and peak memory of the process. Of the year's days every
 * 60th goes through its file, as all do in an account; what reading them takes is told apart.
 * `node test/bench/verdicts.bench.ts [rules] [days]`: the last line is JSON.
 */
import { factsOf, type DayFacts } from '../../shared/history/day-facts.ts';
import { dayText, readDay } from '../../shared/history/day-file.ts';
import type { Inventory, Rule } from '../../shared/inventory/inventory.ts';
import { withVersionedRules } from '../../shared/inventory/versioned-rules.ts';
import { rulesNamed } from '../../shared/usage/addition.ts';
import {
  admittingSetKey,
  emptyInterfaceDay,
  emptyRuleDay,
  emptyUsage,
  ruleDay,
  within,
  type RuleDay,
  type Usage,
} from '../../shared/usage/usage.ts';
import { addRuleDay } from '../../shared/usage/window.ts';
import { hashOf } from '../../shared/usage/smallest-hashes.ts';
import { Judge } from '../../shared/verdicts/judge.ts';
import { Random } from '../oracle/random.ts';
import { inventoryOf } from '../shared/inventory/aws-shorthand.ts';
import type { Day } from '../../shared/time.ts';
import { emptyLogDay } from '../../shared/usage/log-days.ts';

const [RULES = 10_000, DAYS = 365] = process.argv.slice(2).map(Number);
const LAST_DAY = 20_500;
const RULES_OF_GROUP = 5;
const INTERFACES_OF_GROUP = 2.5;
/** Of the rules, those that are used on any day; of the days of each, those with use. */
const USED_SHARE = 0.7;
const FILE_ONE_IN = 60;

function account(random: Random): Inventory {
  const groups = Array.from({ length: RULES / RULES_OF_GROUP }, (_, i) => `sg-${i}`);
  return inventoryOf({
    groups: groups.map((GroupId) => ({ GroupId, VpcId: 'vpc-1' })),
    rules: Array.from({ length: RULES }, (_, i) => ({
      SecurityGroupRuleId: `sgr-${i}`,
      GroupId: groups[i % groups.length],
      IsEgress: i % 3 === 0,
      IpProtocol: 'tcp',
      // Above those of FSx for Lustre, whose rules are never stale.
      FromPort: 2000 + (i % 5000),
      ToPort: 2000 + (i % 5000),
      CidrIpv4: `10.${i % 256}.0.0/16`,
    })),
    interfaces: Array.from({ length: groups.length * INTERFACES_OF_GROUP }, (_, i) => ({
      NetworkInterfaceId: `eni-${i}`,
      InterfaceType: 'interface',
      VpcId: 'vpc-1',
      SubnetId: `subnet-${i % 20}`,
      PrivateIpAddress: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
      Groups: [...new Set([groups[i % groups.length], random.pick(groups)])].map((GroupId) => ({ GroupId })),
    })),
    flowLogs: [{ FlowLogId: 'fl-1', ResourceId: 'vpc-1', TrafficType: 'ALL', FlowLogStatus: 'ACTIVE' }],
    vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/8' }],
  });
}

/** With a few ports, and as many peers as are kept. */
function busyDay(random: Random): RuleDay {
  const use = emptyRuleDay();
  Object.assign(use, { usedTimes: 900, primaryTimes: 700, replyTimes: 800, packets: 9e4, bytes: 1e8 });
  use.hours.forEach((_, hour) => (use.hours[hour] = random.between(0, 80)));
  for (const bucket of [22, 80, 443, 65_540]) {
    const ports = { protocol: 6, bucket: { from: bucket, to: bucket }, usedTimes: 200, replyTimes: 200 };
    use.ports.set(`6 ${bucket}`, ports);
  }
  for (let n = 0; n < 40; n++) use.peers.keep(hashOf(4, random.between(0, 1e6)), () => `10.0.${n}.0/24`);
  return use;
}

/** What one day says: most rules carry something, in sets of two; and all interfaces are heard. */
function usageOf(day: Day, rules: readonly Rule[], samples: readonly RuleDay[], interfaces: Iterable<string>): Usage {
  const usage = emptyUsage();
  usage.fates.attributed = 50_000_000;
  usage.logs.set('fl-1', new Map([[day, { ...emptyLogDay(), hours: 0xffffff, told: 7, lines: 1 }]]));
  for (const id of interfaces) Object.assign(within(usage.interfaces, id, day, emptyInterfaceDay), HEARD);
  rules.forEach((rule, i) => {
    if (i % 100 >= USED_SHARE * 100) return;
    const use = ruleDay(usage, rule.ruleId, day);
    addRuleDay(use, samples[(i + day) % samples.length]!);
    use.lastUsed = day * 86_400 + 80_000;
    const other = rules[(i * 7 + 1) % rules.length]!;
    const ruleIds = [rule.ruleId, other.ruleId].sort();
    for (const groupId of [rule.groupId, other.groupId]) {
      const set = { day, vpcId: 'vpc-1', groupIds: [groupId], ruleIds, requests: 9, replies: 9, provenTimes: 0 };
      usage.admittingSets.set(admittingSetKey(set), set);
    }
  });
  return usage;
}
const HEARD = { ...emptyInterfaceDay(), records: 10_000, accepted: 9_000 };

const random = new Random(1);
const inventory = account(random);
const { rules } = withVersionedRules(inventory);
const samples = Array.from({ length: 50 }, () => busyDay(random));
const judge = new Judge(inventory, { asOf: (LAST_DAY + 1) * 86_400, windowDays: DAYS, rulesKnownSince: undefined });
const facts = factsOf({ day: 0, assumed: false, outdated: false }, [
  { takenAt: (LAST_DAY - DAYS - 1) * 86_400, inventory },
]);
const spent = { adding: 0, reading: 0, files: 0, bytes: 0 };
for (let day = LAST_DAY - DAYS + 1; day <= LAST_DAY; day++) {
  const usage = usageOf(day, rules, samples, inventory.interfaces.keys());
  let of: { facts: DayFacts; usage: Usage; other: Usage | undefined } = {
    facts: { ...facts, day },
    usage,
    other: usage,
  };
  if (day % FILE_ONE_IN === 0) {
    const text = dayText(of, rulesNamed(usage, rules));
    const before = cpu();
    of = readDay(text, `day ${day}`);
    spent.reading += cpu() - before;
    spent.files++;
    spent.bytes += text.length;
  }
  const before = cpu();
  judge.addDay(of.facts, of.usage, of.other);
  spent.adding += cpu() - before;
}
const before = cpu();
const judged = judge.finish();
const finishing = cpu() - before;
const kinds: Record<string, number> = {};
for (const { verdict } of judged) kinds[verdict.kind] = (kinds[verdict.kind] ?? 0) + 1;
const result = {
  rules: RULES,
  days: DAYS,
  addingSeconds: seconds(spent.adding),
  finishingSeconds: seconds(finishing),
  readingSecondsAllDays: seconds((spent.reading / Math.max(1, spent.files)) * DAYS),
  megabytesOfDay: Math.round(spent.bytes / Math.max(1, spent.files) / 1e6),
  peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  kinds,
};
console.log(JSON.stringify(result));

/** Milliseconds of the processor: other programs on the machine do not count. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}
