/**
 * What one record costs from bytes to sums, with few rules and with many: `npm run bench`. The rules sit in 20 groups
 * on 200 interfaces; the records go round all of them with mixed peers, ports and flags, so that both hypotheses are
 * asked. The same records are used throughout; only the number of rules changes.
 */
import { Attribution } from '../../shared/attribution/attribution.ts';
import { TextReader } from '../../shared/flowlogs/text-reader.ts';
import { inventoryFromAws } from '../../shared/inventory/from-aws.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { emptyUsage } from '../../shared/usage/usage.ts';

const RECORDS = 500_000;
const RUNS = 5;
const GROUPS = 20;
const INTERFACES = 200;

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

function inventoryOf(ruleCount: number): Inventory {
  const below = numbers(7);
  const page = (value: Record<string, unknown>) => [{ source: 'bench', value }];
  return inventoryFromAws({
    securityGroups: page({
      SecurityGroups: Array.from({ length: GROUPS }, (_, i) => ({
        GroupId: id('sg', i),
        GroupName: `group ${String(i)}`,
        VpcId: 'vpc-1',
        OwnerId: '111122223333',
      })),
    }),
    securityGroupRules: page({
      SecurityGroupRules: Array.from({ length: ruleCount }, (_, i) => {
        const from = below(40_000);
        return {
          SecurityGroupRuleId: id('sgr', i),
          GroupId: id('sg', i % GROUPS),
          IsEgress: i % 4 === 0,
          IpProtocol: i % 10 === 0 ? '-1' : i % 3 === 0 ? 'udp' : 'tcp',
          FromPort: i % 10 === 0 ? -1 : from,
          ToPort: i % 10 === 0 ? -1 : from + below(20_000),
          CidrIpv4: `${String(below(256))}.${String(below(256))}.${String(below(256))}.0/${String(4 + below(21))}`,
        };
      }),
    }),
    networkInterfaces: page({
      NetworkInterfaces: Array.from({ length: INTERFACES }, (_, i) => ({
        NetworkInterfaceId: id('eni', i),
        VpcId: 'vpc-1',
        SubnetId: 'subnet-1',
        InterfaceType: 'interface',
        Groups: [{ GroupId: id('sg', i % GROUPS) }, { GroupId: id('sg', (i + 1) % GROUPS) }],
        PrivateIpAddress: addressOf(i),
        PrivateIpAddresses: [{ PrivateIpAddress: addressOf(i), Primary: true }],
      })),
    }),
  });
}

function logText(): Uint8Array {
  const below = numbers(11);
  const lines = ['interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action tcp-flags'];
  for (let i = 0; i < RECORDS; i++) {
    const own = below(INTERFACES);
    const peer = `${String(1 + below(223))}.${String(below(256))}.${String(below(4))}.${String(below(256))}`;
    const [from, to] = below(2) === 0 ? [peer, addressOf(own)] : [addressOf(own), peer];
    const ports = [443, 1024 + below(60_000)];
    if (below(2) === 0) ports.reverse();
    const flags = ['-', '0', '2', '18'][below(4)]!;
    const protocol = below(5) === 0 ? 17 : 6;
    const end = 1_767_571_200 + below(86_400);
    lines.push(
      `${id('eni', own)} ${from} ${to} ${ports.join(' ')} ${String(protocol)} 10 4000 ${String(end - 60)} ${String(end)} ACCEPT ${flags}`,
    );
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

/** Seconds for all records, and how many were attributed (so that the work cannot be left out). */
function run(text: Uint8Array, compiled: CompiledInventory | undefined): { seconds: number; attributed: number } {
  const usage = emptyUsage();
  const attribution = compiled && new Attribution(compiled, usage);
  const origin = { flowLogId: undefined, delivered: new Set<string>() };
  const started = performance.now();
  const reader = new TextReader({
    record: (record) => attribution?.add(record, origin),
    malformed: (line, reason) => {
      throw new Error(`line ${String(line)}: ${reason}`);
    },
  });
  for (let at = 0; at < text.length; at += 65_536) reader.push(text.subarray(at, at + 65_536));
  reader.end();
  attribution?.finish();
  return { seconds: (performance.now() - started) / 1000, attributed: usage.fates.attributed };
}

const text = logText();
const cases = [0, 100, 1000, 10_000].map((rules) => {
  const started = performance.now();
  const compiled = rules === 0 ? undefined : new CompiledInventory(inventoryOf(rules));
  return { rules, compiled, compileSeconds: (performance.now() - started) / 1000, runs: [] as number[], attributed: 0 };
});
for (let round = 0; round <= RUNS; round++) {
  for (const one of cases) {
    const { seconds, attributed } = run(text, one.compiled);
    one.attributed = attributed;
    if (round > 0) one.runs.push(seconds);
  }
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
console.log(`${String(RECORDS)} records, median of ${String(RUNS)} runs after one warm-up`);
for (const { rules, runs, attributed, compileSeconds } of cases) {
  const seconds = median(runs);
  console.log(
    `${rules === 0 ? 'reading only' : `${String(rules)} rules`.padEnd(12)}: ${String(Math.round(RECORDS / seconds))} records/s, ` +
      `${((seconds / RECORDS) * 1e9).toFixed(0)} ns a record, ${String(attributed)} attributed, compiled in ${compileSeconds.toFixed(2)} s`,
  );
}
