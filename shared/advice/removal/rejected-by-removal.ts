import { formatAddress } from '../../addresses/address.ts';
import { directionOf, packetPeer, plainPeer } from '../../attribution/orient.ts';
import type { FlowRecord } from '../../flowlogs/record.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { Admissions } from '../../matching/admission.ts';
import { CompiledInventory } from '../../matching/compiled-inventory.ts';
import { hasPorts, type Direction } from '../../protocols.ts';

/** Rejected traffic that would have passed, or could have, by rules that were removed. */
export interface MissedFlow {
  readonly ruleIds: readonly string[];
  readonly interfaceId: string;
  readonly direction: Direction;
  readonly protocol: number;
  readonly peer: string;
  /** Destination port; undefined for protocols without ports. */
  readonly port: number | undefined;
  times: number;
  /** UNIX seconds. */
  last: number;
}

/** Distinct flows held; of further ones only the records are counted. */
const KEPT = 10_000;

/** Looks among rejected records for those that removed rules would have let pass. */
export class MissedFlows {
  readonly #compiled: CompiledInventory;
  readonly #admissions: Admissions;
  readonly #since: number;
  readonly #flows = new Map<string, MissedFlow>();
  readonly #removed: readonly Rule[];
  /**
   * By id, rejected records of interfaces that are not in the inventory, and that a removed rule may have let pass by
   * protocol and port: whether it was on their groups nobody knows.
   */
  readonly unjudged = new Map<string, number>();
  /** Records that would have passed. */
  records = 0;
  /** Records since the time given, accepted or not: none means that nothing was checked. */
  looked = 0;

  /**
   * @param before the inventory of before the removal
   * @param since UNIX seconds: records that ended earlier are passed over
   */
  constructor(before: Inventory, removed: ReadonlySet<string>, since: number) {
    this.#removed = before.rules.filter(({ ruleId }) => removed.has(ruleId));
    this.#compiled = new CompiledInventory({ ...before, rules: this.#removed });
    this.#admissions = new Admissions(this.#compiled);
    this.#since = since;
  }

  add(record: FlowRecord): void {
    if (record.end < this.#since) return;
    this.looked++;
    // What a block of public access or of unencrypted traffic refused was no group's decision.
    if (record.status !== 'OK' || record.accepted || record.rejectReason !== '') return;
    const owner = this.#compiled.interfaceOf(record.interfaceId);
    if (!owner) this.#noteUnknown(record);
    const direction = owner && directionOf(record, owner, this.#compiled);
    if (!owner?.groupSet || !direction) return;
    const { groupSet } = owner;
    const { protocol, destinationPort } = record;
    for (const peer of [packetPeer(record, direction), plainPeer(record, direction)]) {
      const { admitting, could } = this.#admissions.find(groupSet, direction, protocol, peer, destinationPort);
      const ruleIds = [...admitting, ...could].map(({ ruleId }) => ruleId);
      if (ruleIds.length === 0) continue;
      this.#note(record, direction, formatAddress(peer), ruleIds);
      return;
    }
  }

  /** Most frequent first. */
  flows(): MissedFlow[] {
    return [...this.#flows.values()].sort((a, b) => b.times - a.times || b.last - a.last);
  }

  #noteUnknown({ interfaceId, protocol, destinationPort }: FlowRecord): void {
    const fits = this.#removed.some(
      ({ protocolNumber, ports }) =>
        (protocolNumber === undefined || protocolNumber === protocol) &&
        (!ports || (destinationPort >= ports.from && destinationPort <= ports.to)),
    );
    if (fits) this.unjudged.set(interfaceId, (this.unjudged.get(interfaceId) ?? 0) + 1);
  }

  #note(
    { interfaceId, protocol, destinationPort, end }: FlowRecord,
    direction: Direction,
    peer: string,
    ruleIds: string[],
  ): void {
    this.records++;
    const port = hasPorts(protocol) ? destinationPort : undefined;
    const key = [interfaceId, direction, protocol, peer, port].join(' ');
    let flow = this.#flows.get(key);
    if (!flow) {
      if (this.#flows.size >= KEPT) return;
      flow = { ruleIds, interfaceId, direction, protocol, peer, port, times: 0, last: end };
      this.#flows.set(key, flow);
    }
    flow.times++;
    flow.last = Math.max(flow.last, end);
  }
}
