import type { RecordOrigin } from '../../../shared/attribution/attribution.ts';
import type { SmallestHashes } from '../../../shared/usage/smallest-hashes.ts';
import { emptyLogDay, noteSlot } from '../../../shared/usage/log-days.ts';
import { emptyUsage, PEERS_KEPT, ruleDay, within, type Usage } from '../../../shared/usage/usage.ts';
import { hashOf } from '../../../shared/usage/smallest-hashes.ts';
import { countText, inventoryOfFiles } from '../../oracle/core.ts';
import { randomWorld, toText, type WorldOptions } from '../../oracle/random-world.ts';

/** All that a usage says, for `toEqual`: without the order in which things came. */
export function wholeUsage(usage: Usage): unknown {
  return plain(usage);
}

/** The same without what stores do not keep. */
export function plainUsage(usage: Usage): unknown {
  return plain({ ...usage, accounts: new Map() });
}

function plain(value: unknown): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...(value as Map<unknown, unknown>)].map(([key, of]) => [String(key), plain(of)]));
  }
  if (value instanceof Set) return [...(value as Set<string>)].sort();
  if (isSample(value)) return { kept: plain(value.entries()), distinct: value.distinct };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, plain(of)]));
}

function isSample(value: unknown): value is SmallestHashes<unknown> {
  return typeof value === 'object' && value !== null && 'distinct' in value && 'entries' in value;
}

/** The records of a random world, to be counted in whatever parts. */
export function countableWorld(seed: number, options?: WorldOptions) {
  const { files, columns, records } = randomWorld(seed, options);
  const inventory = inventoryOfFiles(files);
  return {
    records,
    fold: (part: typeof records, file?: Partial<RecordOrigin>): Usage =>
      countText(inventory, toText(part, columns), file),
  };
}

/** More peers, interfaces and rejected flows than are kept, of `numbers`, each counted once. */
export function crowd(numbers: readonly number[]): Usage {
  const usage = emptyUsage();
  for (const n of numbers) {
    const day = n % 2;
    ruleDay(usage, 'sgr-1', day).peers.keep(hashOf(1, n % (4 * PEERS_KEPT)), () => `10.0.${n % (4 * PEERS_KEPT)}.0/24`);
    usage.unknownInterfaces.keep(hashOf(2, n % 400), () => `eni-${n % 400}`);
    noteSlot(within(usage.logs, 'fl-1', day, emptyLogDay), n % 288);
    const kind = n % 6000;
    const flow = usage.rejected.keep(hashOf(3, kind), () => ({
      interfaceId: `eni-${kind}`,
      direction: kind % 3 === 0 ? undefined : ('ingress' as const),
      protocol: 6,
      peer: '192.0.2.1',
      port: kind,
      reason: '',
      times: 0,
      lastSeen: -1,
    }));
    if (!flow) continue;
    flow.times++;
    flow.lastSeen = Math.max(flow.lastSeen, n);
  }
  return usage;
}
