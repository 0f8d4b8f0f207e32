import { formatAddress } from '../addresses/address.ts';
import { compareText } from '../text/compare.ts';
import type { Inventory, NetworkInterface, Rule } from '../inventory/inventory.ts';
import { TCP } from '../protocols.ts';
import type { Day } from '../time.ts';
import type { ServiceFlow } from './service-flow.ts';

/**
 * Where AWS was seen to honour a rule's reference to a group: it alone admitted a request with SYN, and so no firewall or
 * gateway on the way made it void. Between interfaces of one VPC, told apart by the groups of the interface and the subnets
 * of both; of interfaces as they are now.
 */
export class ProvenReferences {
  readonly #interfaces: Inventory['interfaces'];
  readonly #byAddress = new Map<string, NetworkInterface | 'several'>();
  /** By rule id and place, the last UTC day. */
  readonly #proven = new Map<string, Map<string, Day>>();

  constructor({ interfaces }: Pick<Inventory, 'interfaces'>) {
    this.#interfaces = interfaces;
    for (const one of interfaces.values()) {
      for (const { address, length } of one.prefixes) {
        if (length !== (address.family === 6 ? 128 : 32)) continue;
        const text = formatAddress(address);
        this.#byAddress.set(text, this.#byAddress.has(text) ? 'several' : one);
      }
    }
  }

  /** Where the flow went, as far as proof is concerned; undefined where an end is not a known interface, or the two are apart. */
  placeOf({ interfaceId, peer }: Pick<ServiceFlow, 'interfaceId' | 'peer'>): string | undefined {
    const [own, other] = [this.#interfaces.get(interfaceId), this.#byAddress.get(peer)];
    if (!own || other === undefined || other === 'several' || own.vpcId !== other.vpcId) return undefined;
    return `${own.vpcId} ${[...new Set(own.groupIds)].sort(compareText).join(',')} ${own.subnetId} ${other.subnetId}`;
  }

  /** @param admitting ids of the rules that admitted the flow, of those that stand now */
  add(flow: ServiceFlow, admitting: readonly string[], day: Day): void {
    const [ruleId, ...others] = admitting;
    const isSole = others.length === 0 && flow.ruleIds.length === 1 && flow.possibleRuleIds.length === 0;
    if (ruleId === undefined || !isSole || flow.protocol !== TCP) return;
    // Of those that are not inferred at least one is a request: its SYN was seen.
    if (flow.inferred >= flow.requests) return;
    const place = this.placeOf(flow);
    if (place === undefined) return;
    let days = this.#proven.get(ruleId);
    if (!days) this.#proven.set(ruleId, (days = new Map<string, Day>()));
    days.set(place, Math.max(day, days.get(place) ?? -Infinity));
  }

  /** @param firstDay what was seen before it counts no more */
  has({ ruleId }: Pick<Rule, 'ruleId'>, place: string | undefined, firstDay: Day): boolean {
    return place !== undefined && (this.#proven.get(ruleId)?.get(place) ?? -Infinity) >= firstDay;
  }
}
