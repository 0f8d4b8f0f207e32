import { absentAddress, type Address } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import { Admissions, type Admission } from '../matching/admission.ts';
import type { CompiledInterface, CompiledInventory, GroupSet } from '../matching/compiled-inventory.ts';
import { ELSEWHERE, within, type Fate, type Usage } from '../usage/usage.ts';
import { FateTally } from './fate-tally.ts';
import type { IsDuplicate } from './duplicate-log.ts';
import { isOfOtherAccount, vpcOf } from './other-account.ts';
import { FlowFold, type FoldedFlow, type FlowKey } from './flow-fold.ts';
import { directionOf, guessedOpener, opposite, packetPeer, plainPeer, type Orientation } from './orient.ts';
import { PossibleUses, type PossibleUse } from './possible-use.ts';
import { addSetAside, NO_PORT, PossibleSums, Tally } from './admission-sums.ts';
import { LogCoverage } from './log-coverage.ts';
import { keepRejected } from './rejected-flows.ts';
import { Readings, type Reading } from './readings.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import { dayOf, type Day } from '../time.ts';
import { hashOf, textHash } from '../usage/smallest-hashes.ts';

/** Where a record came from, as far as it matters to counting. */
export interface RecordOrigin {
  /** The `fl-` id in the file's name; undefined where the name has none. */
  readonly flowLogId: string | undefined;
  /** The account in the file's path; undefined where the path has none. */
  readonly accountId?: string | undefined;
  /** The region in the file's name; undefined where the name has none. */
  readonly region?: string | undefined;
  /** Whether another flow log tells of the record of a known interface, and counts in its place. */
  readonly isDuplicate: IsDuplicate;
}

/** How an accepted record was read. */
export interface FlowReading {
  /** Of the record's packets, seen from the interface. */
  readonly direction: Direction;
  /** Undefined where the interface or the direction is not known: who opened the connection and from where is a guess. */
  readonly orientation: Orientation | undefined;
  readonly possible: PossibleUse | undefined;
}

/**
 * Hears of every service flow that was accepted and gives use or possible use, or that nothing explains: of one flow and
 * day as often as its sums were written out, and once for each answer of the rules.
 *
 * @param admission what the rules said of it; undefined where the interface or the direction is not known
 */
export type FlowListener = (flow: FoldedFlow, interfaceId: string, admission: Admission | undefined) => void;

export interface Options {
  readonly onFlow?: FlowListener | undefined;
  /** Filled as if another flow log told of all records and counted in their place: these must be of known interfaces. */
  readonly aside?: Usage | undefined;
}

/** Regional NAT gateways have no interface, and no group. */
const NAT_GATEWAY = 'nat-';

/** Answers held before the sums are written out and the memory given back. */
const MAX_ADMISSIONS = 1_000_000;
/** Service flows held before, by one of these: some 70 MB. Who has several asks {@link Attribution.held}. */
const MAX_FLOWS = 500_000;

/**
 * Adds up what records say of the rules of one inventory. What a record adds depends on the record and the inventory
 * alone. Sums reach `usage` with {@link finish}.
 */
export class Attribution {
  readonly #compiled: CompiledInventory;
  readonly #admissions: Admissions;
  readonly #possibleUses: PossibleUses;
  readonly #possible = new PossibleSums();
  readonly #usage: Usage;
  readonly #onFlow: FlowListener | undefined;
  readonly #readings: Readings;
  readonly #coverage: LogCoverage;
  readonly #fates: FateTally;
  readonly #aside: { readonly usage: Usage; readonly coverage: LogCoverage; readonly fates: FateTally } | undefined;
  readonly #flows: FlowFold;
  #tallies: Tally[] = [];
  /** Possible use by records of which the direction or the interface is not known. */
  readonly #guessed = new PossibleSums();
  /** What was set aside, by what would have been credited or possible, and by day. */
  readonly #setAside = new Map<Admission | PossibleUse, Map<Day, number>>();
  /** Numbers of interfaces that are not in the inventory, behind those that are. */
  readonly #unknown = new Map<string, number>();
  /** Of the record that was added last. */
  readonly #last: { -readonly [K in keyof FlowReading]: FlowReading[K] } & { isRead: boolean } = {
    isRead: false,
    direction: 'ingress',
    orientation: undefined,
    possible: undefined,
  };
  readonly #key: FlowKey = {
    owner: 0,
    admission: -1,
    day: 0,
    direction: 'ingress',
    protocol: 0,
    port: 0,
    peer: absentAddress(),
    isCredited: false,
  };

  constructor(compiled: CompiledInventory, usage: Usage, { onFlow, aside }: Options = {}) {
    this.#compiled = compiled;
    this.#admissions = new Admissions(compiled);
    this.#possibleUses = new PossibleUses(compiled, this.#admissions);
    this.#readings = new Readings(this.#admissions, this.#possibleUses, compiled.seed);
    this.#flows = new FlowFold(compiled.seed);
    this.#usage = usage;
    this.#coverage = new LogCoverage(usage);
    this.#fates = new FateTally(compiled, usage);
    this.#aside = aside && { usage: aside, coverage: new LogCoverage(aside), fates: new FateTally(compiled, aside) };
    this.#onFlow = onFlow;
  }

  /** Service flows held until {@link finish}: a measure of the memory, some 140 bytes each. */
  get held(): number {
    return this.#flows.size;
  }

  /** How the record that was added last was read; undefined where it was set aside before. */
  get reading(): FlowReading | undefined {
    const { isRead, ...reading } = this.#last;
    return isRead ? reading : undefined;
  }

  /** @param day of the file's name; undefined where it tells none: then that of the flow log's last record here */
  malformed(origin: Omit<RecordOrigin, 'isDuplicate'>, day: Day | undefined, times = 1): void {
    this.#fates.malformed(origin, times);
    this.#coverage.malformed(origin.flowLogId ?? '', day, times);
  }

  add(record: FlowRecord, origin: RecordOrigin): Fate {
    this.#last.isRead = false;
    const owner = this.#compiled.interfaceOf(record.interfaceId);
    const fate = this.#fateOf(record, origin, owner);
    this.#fates.count(fate, record, owner, origin);
    this.#aside?.fates.count('duplicateLog', record, owner, origin);
    const answers = this.#admissions.size + this.#possibleUses.size + this.#readings.size;
    if (answers > MAX_ADMISSIONS || this.#flows.size > MAX_FLOWS) this.finish();
    return fate;
  }

  /** Writes the sums into the usage given at the start. Call it once all records are in; more may follow. */
  finish(): void {
    const known = this.#compiled.interfaces.length;
    const unknown = [...this.#unknown.keys()];
    for (const flow of this.#flows.flows()) {
      const { owner, port, protocol } = flow;
      const admission = flow.admission < 0 ? undefined : this.#admissions.at(flow.admission);
      if (admission && flow.isCredited) {
        this.#tallyOf(admission).credit(flow, hasPorts(protocol) ? this.#compiled.ports.bucketOf(port) : NO_PORT);
        if (this.#aside) addSetAside(this.#aside.usage, admission, flow.day, flow.requests + flow.replies);
      }
      const id = owner < known ? this.#compiled.interfaces[owner]!.source.interfaceId : unknown[owner - known]!;
      this.#onFlow?.(flow, id, admission);
    }
    for (const requests of this.#flows.requests()) {
      this.#tallyOf(this.#admissions.at(requests.admission)).creditRequests(requests);
    }
    // Admissions that were only asked have no tally: the list has holes, which forEach leaves out.
    this.#tallies.forEach((tally) => {
      tally.addTo(this.#usage);
    });
    this.#tallies = [];
    for (const [one, days] of this.#setAside) {
      for (const [day, times] of days) addSetAside(this.#usage, one, day, times);
    }
    this.#setAside.clear();
    for (const { possible, day, times } of this.#possible.sums()) {
      if (this.#aside) addSetAside(this.#aside.usage, possible, day, times);
    }
    this.#possible.addTo(this.#usage);
    this.#guessed.addTo(this.#usage);
    this.#flows.clear();
    this.#unknown.clear();
    this.#admissions.forget();
    this.#possibleUses.forget();
    this.#readings.forget();
  }

  #fateOf(record: FlowRecord, origin: RecordOrigin, owner: CompiledInterface | undefined): Fate {
    const day = dayOf(record.end);
    noteEnd(this.#usage, record);
    const duplicate = owner !== undefined && record.status === 'OK' && origin.isDuplicate(record, owner);
    const flowLogId = origin.flowLogId ?? '';
    this.#coverage.hear(record, flowLogId, day);
    if (owner) this.#coverage.cover(owner, record, day, flowLogId, duplicate);
    if (this.#aside && owner) {
      noteEnd(this.#aside.usage, record);
      this.#aside.coverage.hear(record, flowLogId, day);
      this.#aside.coverage.cover(owner, record, day, flowLogId, true);
    }
    if (record.status === 'NODATA') return 'noData';
    if (record.status === 'SKIPDATA') return 'skipData';
    if (!owner && isOfOtherAccount(record, origin, this.#compiled)) return 'otherAccount';
    if (duplicate) {
      if (record.accepted) this.#keepAside(record, owner, day);
      return 'duplicateLog';
    }
    if (!record.accepted) {
      const direction = owner ? directionOf(record, owner, this.#compiled) : record.direction;
      keepRejected(this.#usage.rejected, record, direction);
      return 'rejected';
    }
    if (!owner) {
      if (record.interfaceId === '' && record.resourceId.startsWith(NAT_GATEWAY)) return 'noGroup';
      this.#addUnknown(record, origin, day);
      return 'unknownInterface';
    }
    if (!owner.groupSet) return 'noGroup';
    const direction = directionOf(record, owner, this.#compiled);
    if (!direction) {
      const possible = this.#possibleUses.eitherWay(record, owner.source.vpcId, owner.groupSet);
      this.#keepGuess(record, owner.index, day, 'ingress', possible);
      return 'unknownDirection';
    }
    return this.#read(record, day, owner, owner.groupSet, direction);
  }

  #read(record: FlowRecord, day: Day, owner: CompiledInterface, groupSet: GroupSet, direction: Direction): Fate {
    const reading = this.#readings.of(record, groupSet, direction);
    const possible = this.#readings.possibleOf(record, direction, reading);
    const { orientation, isRequest } = reading;
    const { times } = record;
    const usage = this.#usage;
    if (isRequest) usage.requests += times;
    else usage.replies += times;
    if (reading.isAmbiguous) usage.ambiguous += times;

    const peer = reading.isPlain ? plainPeer(record, direction) : packetPeer(record, direction);
    const entry = this.#keep(record, owner.index, day, peer, reading, possible);
    if (isRequest && reading.isCredited) {
      const isProven = reading.provesIfLocal && this.#isLocal(entry, peer, record.start, owner);
      this.#flows.creditRequest(entry, record, reading.isInferred, isProven);
    }
    this.#noteReading(direction, orientation, possible);
    return reading.fate;
  }

  #keep(
    record: FlowRecord,
    owner: number,
    day: Day,
    peer: Readonly<Address>,
    reading: Pick<Reading, 'slot' | 'direction' | 'isRequest' | 'isInferred' | 'isCredited'>,
    possible: PossibleUse | undefined,
  ): number {
    const { slot, direction, isRequest, isInferred, isCredited } = reading;
    const { protocol, sourcePort, destinationPort } = record;
    const key = this.#key;
    key.owner = owner;
    key.admission = slot;
    key.day = day;
    key.direction = direction;
    key.protocol = protocol;
    key.port = !hasPorts(protocol) ? 0 : isRequest ? destinationPort : sourcePort;
    key.peer = peer;
    key.isCredited = isCredited;
    const entry = this.#flows.entryOf(key);
    this.#flows.add(entry, record, isRequest, isInferred);
    if (possible) {
      (slot >= 0 ? this.#possible : this.#guessed).add(possible, record, day);
      this.#flows.addPossible(entry, possible);
    }
    return entry;
  }

  #noteReading(direction: Direction, orientation: Orientation | undefined, possible: PossibleUse | undefined): void {
    const last = this.#last;
    last.isRead = true;
    last.direction = direction;
    last.orientation = orientation;
    last.possible = possible;
  }

  /** Whether a known interface of the same subnet had the peer's address. */
  #isLocal(entry: number, peer: Readonly<Address>, start: number, { source }: CompiledInterface): boolean {
    const { vpcId, subnetId } = source;
    // Noted is since when: plus 1, and below zero where it is not.
    const note = this.#flows.noteOf(entry);
    if (note !== 0 && start + 1 >= Math.abs(note)) return note > 0;
    const node = this.#compiled.holders.find(peer);
    const isLocal = this.#compiled.isHeldIn(vpcId, node, start, subnetId);
    const since = Math.max(0, this.#compiled.attachTimesAt(node).at(-1) ?? 0) + 1;
    if (start + 1 >= since) this.#flows.note(entry, isLocal ? since : -since);
    return isLocal;
  }

  /** Of a record of which only the rules of all groups can be asked, who opened it is told by its flags and ports. */
  #keepGuess(
    record: FlowRecord,
    owner: number,
    day: Day,
    direction: Direction,
    possible: PossibleUse | undefined,
  ): void {
    const isRequest = guessedOpener(record) === 'request';
    const ofRules = isRequest ? direction : opposite(direction);
    const guess = { slot: -1, direction: ofRules, isRequest, isInferred: true, isCredited: false };
    this.#keep(record, owner, day, packetPeer(record, direction), guess, possible);
    this.#noteReading(direction, undefined, possible);
  }

  #tallyOf(admission: Admission): Tally {
    return (this.#tallies[admission.slot] ??= new Tally(admission));
  }

  /** Which groups it has is not known: it may have any of its VPC. A group whose members live for minutes is seen in no other way. */
  #addUnknown(record: FlowRecord, { flowLogId }: RecordOrigin, day: Day): void {
    const { interfaceId } = record;
    const vpcId = vpcOf(record, flowLogId, this.#compiled);
    const vpc = vpcId === '' || this.#compiled.vpcIds.has(vpcId) ? vpcId : ELSEWHERE;
    within(this.#usage.unknownAccepted, vpc, day, () => ({ records: 0 })).records += record.times;
    this.#usage.unknownInterfaces.keep(hashOf(textHash(interfaceId)), () => interfaceId);
    let owner = this.#unknown.get(interfaceId);
    if (owner === undefined) {
      owner = this.#compiled.interfaces.length + this.#unknown.size;
      this.#unknown.set(interfaceId, owner);
    }
    const possible = this.#possibleUses.eitherWay(record, vpc);
    this.#keepGuess(record, owner, day, record.direction ?? 'ingress', possible);
  }

  /**
   * Notes the rules that a record set aside would have been credited to. The other flow log should tell of it too; where
   * it does not (its files are not all here, or it skipped data), these rules must not look unused.
   */
  #keepAside(record: FlowRecord, owner: CompiledInterface, day: Day): void {
    const direction = owner.groupSet && directionOf(record, owner, this.#compiled);
    if (!owner.groupSet || !direction) return;
    const reading = this.#readings.of(record, owner.groupSet, direction);
    const possible = this.#readings.possibleOf(record, direction, reading);
    for (const one of [...(reading.isCredited ? [reading.admission] : []), ...(possible ? [possible] : [])]) {
      let days = this.#setAside.get(one);
      if (!days) this.#setAside.set(one, (days = new Map<Day, number>()));
      days.set(day, (days.get(day) ?? 0) + record.times);
    }
  }
}

function noteEnd(usage: Usage, { end }: FlowRecord): void {
  if (end > usage.lastEnd) usage.lastEnd = end;
  if (usage.firstEnd < 0 || end < usage.firstEnd) usage.firstEnd = end;
}
