import { isLattice } from '../addresses/lattice.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import type { Admissions } from '../matching/admission.ts';
import type { Admission } from '../matching/answer.ts';
import type { GroupSet } from '../matching/compiled-inventory.ts';
import { KeyNumbers } from '../matching/key-numbers.ts';
import { TCP, type Direction } from '../protocols.ts';
import type { Fate } from '../usage/usage.ts';
import { ask, ASKED, hasSyn, openerShown, opposite, orientBy, type Orientation } from './orient.ts';
import { portKind, type PossibleUse, type PossibleUses } from './possible-use.ts';

/** How records are read of which the rules say the same, and which are alike in all else that matters. */
export interface Reading {
  /** For {@link Readings.at}. */
  readonly number: number;
  readonly orientation: Orientation;
  /** Of the chosen hypothesis. */
  readonly admission: Admission;
  /** Its {@link Admission.slot} and direction. */
  readonly slot: number;
  readonly direction: Direction;
  readonly isRequest: boolean;
  /** Whether nothing but the smaller port tells who opened the connection. */
  readonly isAmbiguous: boolean;
  /** Whether the peer is the plain address field: see {@link Orientation.refused}. */
  readonly isPlain: boolean;
  readonly isCredited: boolean;
  /** Whether what is credited by it counts as inferred: the opener, the peer or the rule is no certainty. */
  readonly isInferred: boolean;
  /** Whether they are some of {@link AdmittingSet.provenTimes}, if the peer is of the same subnet. */
  readonly provesIfLocal: boolean;
  readonly fate: Fate;
  /** Whether nothing but the hypotheses was asked, and of one peer: a record the other way asks the same. */
  readonly isPlainlyAsked: boolean;
}

interface Kept extends Reading {
  readonly asksMore: boolean;
  /** Null before it was asked for. */
  possible: PossibleUse | undefined | null;
}

const KINDS = Uint8Array.from({ length: 65_536 }, (_, port) => portKind(port));

/**
 * Reads records, each kind once: what a record is read as depends on what the rules say of its hypotheses and on little of
 * the record itself, so that most records are read as one before them was.
 */
export class Readings {
  readonly #admissions: Admissions;
  readonly #possibleUses: PossibleUses;
  /** By what was asked, and what matters of the record. */
  readonly #kinds: KeyNumbers;
  #readings: Kept[] = [];

  /** @param seed of hashes */
  constructor(admissions: Admissions, possibleUses: PossibleUses, seed: number) {
    this.#kinds = new KeyNumbers(ASKED + 1, seed);
    this.#admissions = admissions;
    this.#possibleUses = possibleUses;
  }

  /** A measure of the memory held. */
  get size(): number {
    return this.#readings.length;
  }

  at(number: number): Kept {
    return this.#readings[number]!;
  }

  /** To be called with {@link Admissions.forget}. */
  forget(): void {
    this.#kinds.clear();
    this.#readings = [];
  }

  /** @param direction of the record's packets, seen from the interface */
  of(record: FlowRecord, groupSet: GroupSet, direction: Direction): Kept {
    const { key } = this.#kinds;
    ask(record, groupSet, direction, this.#admissions, key);
    key[ASKED] = this.#featuresOf(record, groupSet, direction);
    const number = this.#kinds.number();
    return (this.#readings[number] ??= this.#read(record, number));
  }

  possibleOf(record: FlowRecord, direction: Direction, reading: Kept): PossibleUse | undefined {
    if (reading.asksMore || isLattice(record.source) || isLattice(record.destination)) {
      return this.#possibleUses.ofFlow(record, direction, reading.orientation);
    }
    if (reading.possible === null) {
      reading.possible = this.#possibleUses.ofFlow(record, direction, reading.orientation);
    }
    return reading.possible;
  }

  /**
   * All that `orientBy`, `PossibleUses.ofFlow` and {@link readingOf} ask of a record, but the answers of the rules. Ports decide
   * nothing where the opener is known; the night leaves out that of the client then. Below 0 where it is, else from 0 on.
   */
  #featuresOf(record: FlowRecord, groupSet: GroupSet, direction: Direction): number {
    const { sourcePort, destinationPort, protocol, paired, service } = record;
    const shown = openerShown(record);
    const syns = (record.synSeen ? 2 : 0) + (hasSyn(record) ? 1 : 0);
    if (shown !== undefined) return -1 - syns - (shown === 'request' ? 0 : 4);
    let features = syns;
    features = features * 3 + (paired === undefined ? 0 : paired === 'asks' ? 1 : 2);
    features = features * 3 + (service === undefined ? 0 : service === 'source' ? 1 : 2);
    features = features * 3 + (sourcePort === destinationPort ? 0 : sourcePort < destinationPort ? 1 : 2);
    features = features * 8 + KINDS[sourcePort]!;
    features = features * 8 + KINDS[destinationPort]!;
    if (protocol !== TCP) return features * 4;
    const admissions = this.#admissions;
    const isSourceNamed = admissions.namesPort(groupSet, opposite(direction), sourcePort);
    const isDestinationNamed = admissions.namesPort(groupSet, direction, destinationPort);
    return features * 4 + (isSourceNamed ? 2 : 0) + (isDestinationNamed ? 1 : 0);
  }

  #read(record: FlowRecord, number: number): Kept {
    const orientation = orientBy(record, this.#kinds.key, this.#admissions);
    const asksMore = this.#possibleUses.asksMore(record, orientation);
    const { hypotheses, opener, ground, isCredited, refused, untried, otherPath } = orientation;
    const admission = hypotheses[opener]!;
    const isRequest = opener === 'request';
    // A lone rule names a group.
    const namesGroup = isCredited && (admission.namesGroup || !admission.admits);
    return {
      orientation,
      admission,
      slot: admission.slot,
      direction: admission.direction,
      isRequest,
      isAmbiguous: ground === 'smallerPort',
      isPlain: refused !== undefined,
      isCredited,
      isInferred: ground !== 'syn' || refused !== undefined || admission.lone !== undefined,
      provesIfLocal: isRequest && namesGroup && (admission.admittingAt.length > 1 || hasSyn(record)),
      fate: isCredited ? 'attributed' : admission.couldAt.length > 0 && !otherPath ? 'possible' : 'unexplained',
      isPlainlyAsked: !asksMore && refused === undefined && untried === undefined && otherPath === undefined,
      number,
      asksMore,
      possible: null,
    };
  }
}
