import { parseAddress, prefixContains, type Address } from '../addresses/address.ts';
import type { Inventory, Rule } from '../inventory/inventory.ts';
import { Admissions } from '../matching/admission.ts';
import { CompiledInventory } from '../matching/compiled-inventory.ts';
import { groupsAt } from '../matching/groups-at.ts';
import type { ServiceFlow } from './service-flow.ts';

/**
 * The rules by which flows that were seen would pass today. Rules that admitted one may stand unchanged and admit it no
 * more: a list lost an entry, the peer its group, the interface one of its own. Others may admit it that did not then.
 */
export class PresentRules {
  readonly #compiled: CompiledInventory;
  readonly #admissions: Admissions;
  readonly #byId: ReadonlyMap<string, Rule>;

  constructor(inventory: Inventory) {
    this.#byId = new Map(inventory.rules.map((rule) => [rule.ruleId, rule]));
    this.#compiled = new CompiledInventory(inventory);
    this.#admissions = new Admissions(this.#compiled);
  }

  /**
   * Those that admit it now. Besides, of the `former` ones that stand, those of which it cannot be told: the peer, which
   * they name by its group, is not an interface any more; or the interface is gone, and whatever takes its place may pass.
   *
   * @param former rules of the inventory that admitted it when it was seen
   */
  of(flow: Pick<ServiceFlow, FlowFields>, former: readonly Rule[]): readonly Rule[] {
    const { interfaceId, direction, protocol, port } = flow;
    const peer = parseAddress(flow.peer);
    if (!peer) return former;
    const owner = this.#compiled.interfaceOf(interfaceId);
    if (!owner) return former.filter((rule) => this.#mayHold(rule, peer));
    if (!owner.groupSet) return [];
    const { admitting, could } = this.#admissions.find(owner.groupSet, direction, protocol, peer, port);
    const perhaps = former.filter((rule) => could.includes(rule));
    return perhaps.length === 0 ? admitting : [...admitting, ...perhaps];
  }

  /** The same by ids. */
  idsOf(flow: Pick<ServiceFlow, FlowFields>, former: readonly string[]): readonly string[] {
    return this.of(
      flow,
      former.flatMap((id) => this.#byId.get(id) ?? []),
    ).map(({ ruleId }) => ruleId);
  }

  #mayHold({ peer }: Rule, address: Address): boolean {
    switch (peer.type) {
      case 'prefixList': {
        const entries = this.#compiled.inventory.prefixLists.get(peer.value)?.entries;
        return entries?.some((entry) => prefixContains(entry, address)) ?? true;
      }
      case 'group': {
        const carried = groupsAt(address, this.#compiled);
        return carried.size === 0 || carried.has(peer.value);
      }
      case 'cidrIpv4':
      case 'cidrIpv6':
      case 'unknown':
        return true;
    }
  }
}

type FlowFields = 'interfaceId' | 'direction' | 'protocol' | 'peer' | 'port';
