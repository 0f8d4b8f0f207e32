/**
 * What CPU time one record costs from bytes to sums, with few rules and with many: `npm run bench:rules`.
 *
 * An account grows by groups: 50 rules in each, two groups on each of 200 interfaces. "crowded" is the worst that
 * AWS's quotas allow on one interface: 1,000 rules. The same records are used throughout; only the rules change.
 */
import { Attribution } from '../../shared/attribution/attribution.ts';
import { TextReader } from '../../shared/flowlogs/text-reader.ts';
import { inventoryFromAws } from '../../shared/inventory/from-aws.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { emptyUsage } from '../../shared/usage/usage.ts';
import { noDuplicates } from '../../shared/attribution/duplicate-log.ts';

const RECORDS = 500_000;
const RUNS = 5;
const INTERFACES = 200;
const PAIRS = 20_000;
const SERVICES = [
  22, 25, 53, 80, 123, 389, 443, 636, 1433, 2049, 3306, 3389, 5432, 6379, 8080, 8443, 9092, 9200, 27017,
];

interface Case {
  readonly name: string;
  readonly rules: number;
  readonly rulesPerGroup: number;
}

const CASES: readonly Case[] = [
  { name: 'reading only', rules: 0, rulesPerGroup: 50 },
  { name: '100 rules', rules: 100, rulesPerGroup: 50 },
  { name: '1,000 rules', rules: 1000, rulesPerGroup: 50 },
  { name: '10,000 rules', rules: 10_000, rulesPerGroup: 50 },
  { name: '10,000 rules, crowded', rules: 10_000, rulesPerGroup: 500 },
];

/** mulberry32: the same numbers from the same seed everywhere. Whole, from 0 to below `n`. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

const id = (kind: string, i: number): string => `${kind}-${i.toString(16).padStart(17, '0')}`;
const addressOf = (i: number): string => `10.0.${String(i >> 8)}.${String(i & 255)}`;

function inventoryOf({ rules, rulesPerGroup }: Case): Inventory {
  const below = numbers(7);
  const groups = Math.ceil(rules / rulesPerGroup);
  const page = (value: Record<string, unknown>) => [{ source: 'bench', value }];
  const rule = (i: number) => {
    const port = SERVICES[below(SERVICES.length)]!;
    const wide = below(10) === 0;
    return {
      SecurityGroupRuleId: id('sgr', i),
      GroupId: id('sg', i % groups),
      IsEgress: below(2) === 0,
      IpProtocol: below(20) === 0 ? '-1' : below(4) === 0 ? 'udp' : 'tcp',
      FromPort: wide ? 1024 : port,
      ToPort: wide ? 65_535 : port,
      CidrIpv4:
        below(8) === 0 ? '0.0.0.0/0' : `10.${String(below(8))}.${String(below(256))}.0/${String(8 + below(17))}`,
    };
  };
  return inventoryFromAws({
    securityGroups: page({
      SecurityGroups: Array.from({ length: groups }, (_, i) => ({
        GroupId: id('sg', i),
        GroupName: `group ${String(i)}`,
        VpcId: 'vpc-1',
        OwnerId: '111122223333',
      })),
    }),
    securityGroupRules: page({ SecurityGroupRules: Array.from({ length: rules }, (_, i) => rule(i)) }),
    networkInterfaces: page({
      NetworkInterfaces: Array.from({ length: INTERFACES }, (_, i) => ({
        NetworkInterfaceId: id('eni', i),
        VpcId: 'vpc-1',
        SubnetId: 'subnet-1',
        InterfaceType: 'interface',
        Groups: [{ GroupId: id('sg', i % groups) }, { GroupId: id('sg', (i + 1) % groups) }],
        PrivateIpAddress: addressOf(i),
        PrivateIpAddresses: [{ PrivateIpAddress: addressOf(i), Primary: true }],
      })),
    }),
  });
}

/**
 * A day's traffic between 20,000 pairs of interface and peer, half the peers inside and half anywhere, each pair with
 * its service; client ports change with every record. A quarter each is without flags, with none set, SYN, SYN-ACK.
 */
function logText(): Uint8Array {
  const below = numbers(11);
  const pairs = Array.from({ length: PAIRS }, () => {
    const net = below(2) === 0 ? `10.${String(below(8))}` : `${String(11 + below(200))}.${String(below(256))}`;
    return {
      own: below(INTERFACES),
      peer: `${net}.${String(below(256))}.${String(below(256))}`,
      service: SERVICES[below(SERVICES.length)]!,
      inbound: below(2) === 0,
      protocol: below(5) === 0 ? 17 : 6,
    };
  });
  const lines = ['interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action tcp-flags'];
  for (let i = 0; i < RECORDS; i++) {
    const { own, peer, service, inbound, protocol } = pairs[below(PAIRS)]!;
    const client = 32_768 + below(28_232);
    const isReply = below(2) === 0;
    const ends = [peer, addressOf(own)];
    const ports = [client, service];
    if (inbound === isReply) ends.reverse();
    if (isReply) ports.reverse();
    const flags = ['-', '0', isReply ? '18' : '2', '-'][below(4)]!;
    const end = 1_767_571_200 + below(86_400);
    lines.push(
      `${id('eni', own)} ${ends.join(' ')} ${ports.join(' ')} ${String(protocol)} 10 4000 ${String(end - 60)} ${String(end)} ACCEPT ${flags}`,
    );
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

/** CPU seconds for all records, and how many were attributed (so that the work cannot be left out). */
function run(text: Uint8Array, compiled: CompiledInventory | undefined): { seconds: number; attributed: number } {
  const usage = emptyUsage();
  const attribution = compiled && new Attribution(compiled, usage);
  const origin = { flowLogId: undefined, isDuplicate: noDuplicates };
  const started = process.cpuUsage();
  const reader = new TextReader({
    record: (record) => attribution?.add(record, origin),
    malformed: (line, reason) => {
      throw new Error(`line ${String(line)}: ${reason}`);
    },
  });
  for (let at = 0; at < text.length; at += 65_536) reader.push(text.subarray(at, at + 65_536));
  reader.end();
  attribution?.finish();
  const { user, system } = process.cpuUsage(started);
  return { seconds: (user + system) / 1e6, attributed: usage.fates.attributed };
}

const text = logText();
const cases = CASES.map((one) => {
  const started = performance.now();
  const compiled = one.rules === 0 ? undefined : new CompiledInventory(inventoryOf(one));
  return {
    ...one,
    compiled,
    compileSeconds: (performance.now() - started) / 1000,
    runs: [] as number[],
    attributed: 0,
  };
});
for (let round = 0; round <= RUNS; round++) {
  for (const one of cases) {
    const { seconds, attributed } = run(text, one.compiled);
    one.attributed = attributed;
    if (round > 0) one.runs.push(seconds);
  }
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const base = median(cases[1]!.runs);
console.log(`${String(RECORDS)} records, median of ${String(RUNS)} runs after one warm-up`);
for (const { name, runs, attributed, compileSeconds } of cases) {
  const seconds = median(runs);
  console.log(
    `${name.padEnd(22)} ${String(Math.round(RECORDS / seconds)).padStart(8)} records/s ` +
      `${((seconds / RECORDS) * 1e9).toFixed(0).padStart(6)} ns a record, ${(seconds / base).toFixed(2)} × that of 100 rules, ` +
      `${String(attributed)} attributed, compiled in ${compileSeconds.toFixed(2)} s`,
  );
}
