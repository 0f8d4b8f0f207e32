/**
 * A year of nights of an account of 10,000 rules and 5,000 interfaces, a third of the rules used each day, through
 * `judgeNight`: time and peak memory of a process that does nothing else. Each day is a packed file, as in the bucket.
 * `node test/bench/judge-night.bench.ts [days] [rules]`: the last line is JSON.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { judgeNight, type CountedDay } from '../../services/judge-rules/judge-night.ts';
import { factsOf } from '../../shared/history/day-facts.ts';
import { dayText, readDay } from '../../shared/history/day-file.ts';
import type { Inventory, Rule } from '../../shared/inventory/inventory.ts';
import { withVersionedRules } from '../../shared/inventory/versioned-rules.ts';
import { rulesNamed } from '../../shared/usage/addition.ts';
import { hashOf } from '../../shared/usage/smallest-hashes.ts';
import {
  admittingSetKey,
  emptyInterfaceDay,
  emptyUsage,
  ruleDay,
  within,
  type Usage,
} from '../../shared/usage/usage.ts';
import { Random } from '../oracle/random.ts';
import { inventoryOf } from '../shared/inventory/aws-shorthand.ts';
import { isoDay, type Day } from '../../shared/time.ts';
import { emptyLogDay } from '../../shared/usage/log-days.ts';

const LAST_DAY = 20_500;
const RULES_OF_GROUP = 5;

function account(rules: number): Inventory {
  const groups = Array.from({ length: rules / RULES_OF_GROUP }, (_, i) => `sg-${String(i).padStart(17, '0')}`);
  return inventoryOf({
    groups: groups.map((GroupId) => ({ GroupId, VpcId: 'vpc-1' })),
    rules: Array.from({ length: rules }, (_, i) => ({
      SecurityGroupRuleId: `sgr-${String(i).padStart(17, '0')}`,
      GroupId: groups[i % groups.length],
      IsEgress: i % 3 === 0,
      IpProtocol: 'tcp',
      FromPort: i % 5000,
      ToPort: i % 5000,
      CidrIpv4: `10.${i % 256}.0.0/16`,
    })),
    interfaces: Array.from({ length: rules / 2 }, (_, i) => ({
      NetworkInterfaceId: `eni-${String(i).padStart(17, '0')}`,
      InterfaceType: 'interface',
      VpcId: 'vpc-1',
      SubnetId: `subnet-${i % 20}`,
      PrivateIpAddress: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
      Groups: [...new Set([groups[i % groups.length], groups[(i * 7) % groups.length]])].map((GroupId) => ({
        GroupId,
      })),
    })),
    flowLogs: [{ FlowLogId: 'fl-1', ResourceId: 'vpc-1', TrafficType: 'ALL', FlowLogStatus: 'ACTIVE' }],
    vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/8' }],
  });
}

/** A third of the rules, by turns; of those, half are never alone. */
function usageOf(day: Day, rules: readonly Rule[], interfaces: Iterable<string>): Usage {
  const random = new Random(day);
  const usage = emptyUsage();
  usage.fates.attributed = 50_000_000;
  usage.logs.set('fl-1', new Map([[day, { ...emptyLogDay(), hours: 0xffffff, told: 7, lines: 1 }]]));
  for (const id of interfaces) {
    Object.assign(within(usage.interfaces, id, day, emptyInterfaceDay), { records: 10_000, accepted: 9000 });
  }
  rules.forEach((rule, i) => {
    if ((i + day) % 3 !== 0) return;
    const use = ruleDay(usage, rule.ruleId, day);
    Object.assign(use, { usedTimes: 900, soleTimes: i % 2 === 0 ? 0 : 900, replyTimes: 800, packets: 9e4, bytes: 1e8 });
    use.lastUsed = day * 86_400 + 80_000;
    use.hours.forEach((_, hour) => (use.hours[hour] = random.between(0, 80)));
    for (const port of [22, 443, 65_540]) {
      const ports = { protocol: 6, bucket: { from: port, to: port }, usedTimes: 300, replyTimes: 200 };
      use.ports.set(`6 ${port}`, ports);
    }
    for (let n = 0; n < 40; n++) {
      const peer = random.between(0, 65_535);
      use.peers.keep(hashOf(4, peer), () => `10.${peer >> 8}.${peer & 255}.0/24`);
    }
    const others = i % 2 === 0 ? [rule, rules[(i + 2) % rules.length]!] : [rule];
    const set = { day, vpcId: 'vpc-1', groupIds: [rule.groupId], ruleIds: others.map(({ ruleId }) => ruleId).sort() };
    usage.admittingSets.set(admittingSetKey(set), { ...set, requests: 900, replies: 800, provenTimes: 0 });
  });
  return usage;
}

async function judgeFolder(folder: string, days: number, count: number): Promise<object> {
  const inventory = account(count);
  const spent = { reading: 0, megabytes: 0, writing: 0 };
  const begun = process.cpuUsage();
  const seconds = ({ user, system }: NodeJS.CpuUsage): number => Math.round((user + system) / 1e5) / 10;
  const kinds: Record<string, number> = {};
  const sinceStart = performance.now();
  await judgeNight(
    { startedAt: new Date((LAST_DAY + 1) * 86_400_000 + 1).toISOString(), execution: 'bench' },
    {
      settings: {
        place: { accountId: '111122223333', region: 'eu-west-1' },
        windowDays: days,
        retentionDays: 400,
        rulesKnownSince: 0,
      },
      newest: () => Promise.resolve({ inventory, staleReferences: [] }),
      recalled: () => Promise.resolve(undefined),
      standingAt: () => Promise.resolve({ contents: new Map(), entries: new Map() }),

      async *days(first, last): AsyncGenerator<CountedDay> {
        for (let day = first; day < last; day++) {
          const before = process.cpuUsage();
          const text = gunzipSync(readFileSync(join(folder, `${day}.gz`))).toString('utf8');
          spent.megabytes += text.length / 1e6;
          const read = readDay(text, `day ${day}`);
          spent.reading += seconds(process.cpuUsage(before));
          const quality = { day: isoDay(day), source: 'reconciled' as const, incomplete: null };
          yield { ...read, quality: { ...quality, driftShare: 0, driftingRules: 0 } };
        }
      },
      lastUses: () => Promise.resolve([]),
      exemptions: () => Promise.resolve([]),
      evidence: {
        name: 'none',
        days: () => Promise.resolve([]),
        flows: () => {
          throw new Error('none');
        },
      },
      timeLeft: () => 0,
      writeReport: (_, text) => {
        spent.writing = gzipSync(text).length;
        return Promise.resolve();
      },
      writeRulesExport: () => Promise.resolve(),
      report: ({ report }) => {
        for (const { verdict } of report.rules) kinds[verdict.kind] = (kinds[verdict.kind] ?? 0) + 1;
      },
    },
  );
  return {
    days,
    rules: count,
    seconds: seconds(process.cpuUsage(begun)),
    wallSeconds: Math.round((performance.now() - sinceStart) / 1000),
    readingSeconds: Math.round(spent.reading),
    megabytesOfDay: Math.round(spent.megabytes / days),
    packedReportMegabytes: Math.round(spent.writing / 1e6),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    kinds,
  };
}

const [days = 365, rules = 10_000] = process.argv.slice(2, 4).map(Number);
const [, , , , judged] = process.argv;
if (judged !== undefined) console.log(JSON.stringify(await judgeFolder(judged, days, rules)));
else {
  const folder = mkdtempSync(
    join(tmpdir(), `stale-sg-bench-${createHash('sha256').update(`${days}`).digest('hex').slice(0, 4)}-`),
  );
  try {
    const inventory = account(rules);
    const versioned = withVersionedRules(inventory).rules;
    const facts = factsOf({ day: 0, assumed: false, outdated: false }, [
      { takenAt: (LAST_DAY - 500) * 86_400, inventory },
    ]);
    for (let day = LAST_DAY - days + 1; day <= LAST_DAY; day++) {
      const usage = usageOf(day, versioned, inventory.interfaces.keys());
      const text = dayText({ facts: { ...facts, day }, usage, other: usage }, rulesNamed(usage, versioned));
      writeFileSync(join(folder, `${day}.gz`), gzipSync(text, { level: 1 }));
    }
    const program = process.argv[1]!;
    const lambda = ['--max-old-space-size=2700'];
    console.log(
      execFileSync(process.execPath, [...lambda, program, String(days), String(rules), folder], {
        encoding: 'utf8',
      }).trim(),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
