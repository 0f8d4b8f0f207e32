import type { Address } from '../addresses/address.ts';
import { hasPorts } from '../protocols.ts';
import { addSetAside, PossibleSums, type RuleDays } from './admission-sums.ts';
import type { LoneRecord } from './alike-readings.ts';
import type { FlowFold, RecordSums } from './flow-fold.ts';
import type { PossibleUse } from './possible-use.ts';
import type { Reading } from './readings.ts';
import type { Day } from '../time.ts';

/** What of a reading makes the flow that a record is of. */
type FlowGuess = Pick<Reading, 'slot' | 'direction' | 'isCredited'>;

/** Whose flow it is, and by which service: {@link LoneRecord}. */
type FlowEnds = Pick<LoneRecord, 'owner' | 'day' | 'protocol' | 'port'>;

/** Finds the service flows of records, and adds up possible use of all. */
export class KeptFlows {
  readonly #flows: FlowFold;
  readonly #possible = new PossibleSums();
  /** Possible use by records of which the direction or the interface is not known. */
  readonly #guessed = new PossibleSums();

  constructor(flows: FlowFold) {
    this.#flows = flows;
  }

  /** Where the flow of a record is. @param possible who else may have been used by it */
  flowOf(
    { owner, day, protocol, port }: FlowEnds,
    peer: Readonly<Address>,
    { slot, direction, isCredited }: FlowGuess,
    possible: PossibleUse | undefined,
  ): number {
    const service = { protocol, port: hasPorts(protocol) ? port : 0 };
    const flow = this.#flows.entryOf({ owner, admission: slot, day, direction, ...service, peer, isCredited });
    if (possible) this.#flows.addPossible(flow, possible);
    return flow;
  }

  /** Adds whom records may have used. @param isGuess whether their direction or interface is not known */
  addPossible(possible: PossibleUse, sums: Pick<RecordSums, 'times' | 'end'>, day: Day, isGuess: boolean): void {
    (isGuess ? this.#guessed : this.#possible).add(possible, sums, day);
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
