import type { Inventory, Rule, RulePeer } from '../inventory/inventory.ts';
import type { Direction } from '../protocols.ts';
import type { GroupPlaces } from './group-places.ts';
import { compileRule, push, SideBuilder, type CompiledRule, type GroupSide, type UncertainRule } from './group-side.ts';

export type CompiledGroup = Readonly<Record<Direction, GroupSide>>;

/** Interface types that can keep the client's address while the rule names their group. */
const KEEPS_CLIENT_ADDRESS: ReadonlySet<string> = new Set([
  'network_load_balancer',
  'ec2_instance_connect_endpoint',
  'global_accelerator_managed',
]);

/** The groups that have rules, by id. Rules that can match nothing are left out. */
export function compileGroups(
  inventory: Inventory,
  places: GroupPlaces,
  byId: readonly Rule[],
): ReadonlyMap<string, CompiledGroup> {
  const whenUncertain = certaintyOf(inventory, places);
  const indexes = new Map(byId.map((rule, index) => [rule, index]));
  const groups = new Map<string, CompiledGroup>();
  for (const [groupId, rules] of Map.groupBy(inventory.rules, (rule) => rule.groupId)) {
    const side = (direction: Direction): GroupSide => {
      const builder = new SideBuilder();
      for (const rule of rules) {
        if (rule.direction !== direction || rule.unmatchable !== undefined) continue;
        const { peer } = rule;
        const isCarried = peer.type === 'group' && places.isCarried(peer.value);
        const compiled = compileRule(rule, indexes.get(rule)!, isCarried);
        builder.add(compiled);
        addPeer(builder, compiled, inventory, (group) => ({
          when: whenUncertain(rule, group),
          vpcIds: places.vpcsOf(group.value),
        }));
      }
      return builder;
    };
    groups.set(groupId, { ingress: side('ingress'), egress: side('egress') });
  }
  return groups;
}

type GroupPeer = RulePeer & { readonly type: 'group' };

function addPeer(
  side: SideBuilder,
  compiled: CompiledRule,
  inventory: Inventory,
  ofGroup: (peer: GroupPeer) => Pick<UncertainRule, 'when' | 'vpcIds'>,
): void {
  const { peer } = compiled.rule;
  switch (peer.type) {
    case 'cidrIpv4':
    case 'cidrIpv6':
      side.addPrefix(compiled, peer.prefix);
      return;
    case 'prefixList': {
      const list = inventory.prefixLists.get(peer.value);
      for (const entry of list?.entries ?? []) side.addPrefix(compiled, entry);
      if (!list?.entries) side.uncertain.push({ compiled, when: 'always', vpcIds: undefined, family: list?.family });
      return;
    }
    case 'group':
      if (peer.stale) return;
      push(side.byGroup, peer.value, compiled);
      side.uncertain.push({ compiled, ...ofGroup(peer), family: undefined });
      return;
    case 'unknown':
      return;
  }
}

/** Tells which peers a rule that names a group could admit beside the members that are known. */
function certaintyOf(
  { interfaces, groups }: Inventory,
  places: GroupPlaces,
): (rule: Rule, peer: GroupPeer) => UncertainRule['when'] {
  const keepers = new Set<string>();
  for (const { groupIds, type } of interfaces.values()) {
    if (KEEPS_CLIENT_ADDRESS.has(type)) for (const groupId of groupIds) keepers.add(groupId);
  }
  return (rule, peer) => {
    const owner = groups.get(rule.groupId)?.ownerId ?? '';
    const foreign =
      (groups.get(peer.value)?.vpcId ?? '') === '' ||
      peer.peeringConnectionId !== '' ||
      (peer.ownerId !== '' && owner !== '' && peer.ownerId !== owner);
    if (foreign && !places.isCarried(peer.value)) return 'always';
    return rule.direction === 'ingress' && keepers.has(peer.value) ? 'always' : 'unknownPeer';
  };
}
