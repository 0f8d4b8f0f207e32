import type { Inventory } from '../inventory/inventory.ts';

/** In which VPCs interfaces carry each group, or may. */
export class GroupPlaces {
  readonly #inventory: Inventory;
  readonly #carriers = new Map<string, Set<string>>();
  readonly #associated: ReadonlyMap<string, readonly { readonly vpcId: string }[]>;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
    this.#associated = Map.groupBy(inventory.associations, ({ groupId }) => groupId);
    for (const { groupIds, vpcId } of inventory.interfaces.values()) {
      for (const groupId of groupIds) {
        this.#carriers.set(groupId, (this.#carriers.get(groupId) ?? new Set()).add(vpcId));
      }
    }
  }

  /** Whether an interface of the inventory carries the group. */
  isCarried(groupId: string): boolean {
    return this.#carriers.has(groupId);
  }

  /** Whether an interface of the VPC carries the group or may; where AWS did not say the group's VPC, any may. */
  mayBeCarriedIn(groupId: string, vpcId: string): boolean {
    const own = this.#ownVpcs(groupId);
    return own.includes(vpcId) || own.includes('') || this.#carriers.get(groupId)?.has(vpcId) === true;
  }

  /**
   * The VPCs where an interface may carry the group. Undefined where AWS did not describe the group or the blocks of one
   * of them: then a member may have any address.
   */
  vpcsOf(groupId: string): string[] | undefined {
    const vpcIds = [...new Set([...this.#ownVpcs(groupId), ...(this.#carriers.get(groupId) ?? [])])];
    return vpcIds.every((vpcId) => this.#inventory.vpcs.has(vpcId)) ? vpcIds : undefined;
  }

  /** The group's own VPC (`''` where AWS did not describe the group) and those it is associated with. */
  #ownVpcs(groupId: string): string[] {
    const associated = this.#associated.get(groupId) ?? [];
    return [this.#inventory.groups.get(groupId)?.vpcId ?? '', ...associated.map(({ vpcId }) => vpcId)];
  }
}
