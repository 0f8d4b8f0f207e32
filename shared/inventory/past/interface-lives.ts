import { compareText } from '../../text/compare.ts';
import { shown } from '../../text/plain.ts';
import type { Inventory, NetworkInterface } from '../inventory.ts';
import { unitedPrefixes } from '../union.ts';
import type { Life } from './past.ts';
import { MEMORY_NAMES, type Memory, type Told, type ToldInterface } from './told.ts';

/**
 * What interfaces were, from their birth to their end: one life for each set of groups. Of what is gone, only those are known
 * of whose birth is told.
 *
 * @param groupsKnownFrom from then on all changes of groups are known, UNIX seconds; undefined where they are not
 */
export function interfaceLives(
  told: Told,
  now: Inventory,
  groupsKnownFrom: number | undefined,
  problems: string[],
): Life<NetworkInterface>[] {
  const lives: Life<NetworkInterface>[] = [];
  const byId = Map.groupBy(withInstances(told, now), ({ interfaceId }) => interfaceId);
  for (const [interfaceId, events] of byId) {
    const standing = now.interfaces.get(interfaceId);
    const own = livesOf(
      events.toSorted((a, b) => a.at - b.at || RANK[a.change.what] - RANK[b.change.what]),
      standing,
      told.source,
    );
    // Of what is gone, groups that it had meanwhile may have let something in.
    if (!standing && own.some(({ from }) => groupsKnownFrom === undefined || from < groupsKnownFrom)) continue;
    const last = own.at(-1);
    if (standing && last && !isSameGroups(last.of.groupIds, standing.groupIds)) {
      problems.push(
        `network interface ${shown(interfaceId)} carries other groups than ${MEMORY_NAMES[told.source]} tells: it counts as carrying both`,
      );
      own.push({ ...last, of: standing });
    }
    lives.push(...own);
  }
  return lives.sort((a, b) => compareText(a.of.interfaceId, b.of.interfaceId) || a.from - b.from);
}

const RANK = { made: 0, groups: 1, addresses: 1, gone: 2 } as const;

/** Of what was done to instances, what it was for their interfaces: those that came with them, and those that they have. */
function withInstances({ interfaces, instances }: Told, now: Inventory): readonly ToldInterface[] {
  const ofInstance = new Map<string, string[]>();
  const note = (instanceId: string, interfaceId: string): void => {
    const ids = ofInstance.get(instanceId) ?? [];
    if (instanceId !== '' && !ids.includes(interfaceId)) ofInstance.set(instanceId, [...ids, interfaceId]);
  };
  for (const { interfaceId, change } of interfaces) if (change.what === 'made') note(change.instanceId, interfaceId);
  for (const { interfaceId, instanceId = '' } of now.interfaces.values()) note(instanceId, interfaceId);
  const more = instances.flatMap(({ at, by, instanceId, groupIds }): ToldInterface[] => {
    const ids = ofInstance.get(instanceId) ?? [];
    if (!groupIds) return ids.map((interfaceId) => ({ at, by, interfaceId, change: { what: 'gone' } }));
    const isUnsure = ids.length > 1;
    return ids.map((interfaceId) => ({ at, by, interfaceId, change: { what: 'groups', groupIds, isUnsure } }));
  });
  return [...interfaces, ...more];
}

function livesOf(
  events: readonly ToldInterface[],
  standing: NetworkInterface | undefined,
  source: Memory,
): Life<NetworkInterface>[] {
  const lives: { of: NetworkInterface; from: number; until: number; source: Memory }[] = [];
  const begin = (of: NetworkInterface, from: number): unknown => lives.push({ of, from, until: Infinity, source });
  let changedAt: number | undefined;
  for (const { at, change } of events) {
    const last = lives.at(-1);
    switch (change.what) {
      case 'made':
        // An instance that was launched with an interface that is there tells of it once more.
        if (!last) begin(change.iface, at);
        break;
      case 'groups': {
        const of = last?.of ?? standing;
        if (!of || (last && isSameGroups(of.groupIds, change.groupIds))) break;
        if (last) last.until = at;
        // Two in one second: nobody knows which came last.
        const others = last && (changedAt === at || change.isUnsure) ? last.of.groupIds : [];
        changedAt = at;
        begin({ ...of, groupIds: [...new Set([...others, ...change.groupIds])].sort(compareText) }, change.since ?? at);
        break;
      }
      case 'addresses':
        // Addresses that it lost since stay its own: an address too many makes no rule look unused.
        if (last) {
          last.until = at;
          begin({ ...last.of, prefixes: unitedPrefixes(change.prefixes, last.of.prefixes) }, at);
        }
        break;
      case 'gone':
        // It stands all the same where its instance went without it.
        if (last && !standing) last.until = Math.min(last.until, at);
        break;
    }
  }
  if (!standing && lives.at(-1)?.until === Infinity) lives.pop();
  return lives.map((life) => (standing ? { ...life, of: withAddressesOf(life.of, standing) } : life));
}

function withAddressesOf(one: NetworkInterface, standing: NetworkInterface): NetworkInterface {
  return { ...standing, groupIds: one.groupIds, prefixes: standing.prefixes };
}

function isSameGroups(one: readonly string[], other: readonly string[]): boolean {
  const all = new Set(one);
  return all.size === new Set(other).size && other.every((id) => all.has(id));
}
