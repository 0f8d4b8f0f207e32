import type { Address } from '../addresses/address.ts';
import { hasPorts } from '../protocols.ts';
import { addSetAside, PossibleSums, type RuleDays } from './admission-sums.ts';
import type { LoneRecord } from './alike-readings.ts';
import type { FlowFold, RecordSums } from './flow-fold.ts';
import type { PossibleUse } from './possible-use.ts';
import type { Reading } from './readings.ts';

/** What of a reading makes the flow that a record is of. */
type FlowGuess = Pick<Reading, 'slot' | 'direction' | 'isRequest' | 'isInferred' | 'isCredited'>;

/** Adds records that were read by themselves to service flows, and possible use of all. */
export class KeptFlows {
  readonly #flows: FlowFold;
  readonly #possible = new PossibleSums();
  /** Possible use by records of which the direction or the interface is not known. */
  readonly #guessed = new PossibleSums();

  constructor(flows: FlowFold) {
    this.#flows = flows;
  }

  /** @param possible who else may have been used */
  add(
    { owner, day, protocol, port }: Pick<LoneRecord, 'owner' | 'day' | 'protocol' | 'port'>,
    peer: Readonly<Address>,
    { slot, direction, isRequest, isInferred, isCredited }: FlowGuess,
    possible: PossibleUse | undefined,
    sums: RecordSums,
  ): void {
    const service = { protocol, port: hasPorts(protocol) ? port : 0 };
    const entry = this.#flows.entryOf({ owner, admission: slot, day, direction, ...service, peer, isCredited });
    this.#flows.add(entry, sums, isRequest, isInferred);
    if (possible) this.addPossible(entry, possible, sums);
  }

  /** @param flow where it is */
  addPossible(flow: number, possible: PossibleUse, sums: Pick<RecordSums, 'times' | 'end'>): void {
    const { admission, day } = this.#flows.at(flow);
    (admission >= 0 ? this.#possible : this.#guessed).add(possible, sums, day);
    this.#flows.addPossible(flow, possible);
  }

  /**
   * Writes what was possible, and forgets it.
   *
   * @param aside filled as if another flow log counted in their place
   */
  addTo(into: RuleDays, aside: RuleDays | undefined): void {
    if (aside) for (const { possible, day, times } of this.#possible.sums()) addSetAside(aside, possible, day, times);
    this.#possible.addTo(into);
    this.#guessed.addTo(into);
  }
}
