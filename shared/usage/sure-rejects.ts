import type { SmallestHashes } from './smallest-hashes.ts';
import type { Source } from './source.ts';
import type { RejectedFlow, Usage } from './usage.ts';

/**
 * Hashes of rejected flows of one day that will count whatever is decided of the conditions of its sources: of flow logs of which
 * one counts, those that each of them told of.
 */
export function* sureRejects(ofOneDay: Iterable<readonly [Source, Usage]>): Generator<number> {
  const groups = new Map<string, SmallestHashes<RejectedFlow>[]>();
  for (const [source, { rejected }] of ofOneDay) {
    if (source.kind !== 'streamUnless') continue;
    const logs = [source.flowLogId, ...source.rivals].sort();
    const told = groups.get(logs.join(' ')) ?? [];
    groups.set(logs.join(' '), told);
    told.push(rejected);
  }
  for (const [logs, [first, ...others]] of groups) {
    // Of a log that was not read yet nobody knows what it will tell.
    if (others.length + 1 < logs.split(' ').length) continue;
    for (const [hash] of first!.entries()) if (others.every((one) => one.has(hash))) yield hash;
  }
}
