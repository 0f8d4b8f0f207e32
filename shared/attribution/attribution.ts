import type { FlowRecord } from '../flowlogs/record.ts';
import { Admissions } from '../matching/admission.ts';
import type { Admission } from '../matching/answer.ts';
import type { CompiledInterface, CompiledInventory } from '../matching/compiled-inventory.ts';
import { ELSEWHERE, within, type Fate, type Usage } from '../usage/usage.ts';
import { FateTally } from './fate-tally.ts';
import type { IsDuplicate } from './duplicate-log.ts';
import { isOfOtherAccount, vpcOf } from './other-account.ts';
import { AlikeReadings, type FlowReading, type LoneRecord } from './alike-readings.ts';
import { FlowFold, type FoldedFlow, type RecordSums } from './flow-fold.ts';
import { KeptFlows } from './kept-flows.ts';
import { FoldMemory } from './fold-memory.ts';
import { directionOf, guessedOpener, opposite, packetPeer } from './orient.ts';
import { noteEnds, type Heard, type RowsTo } from './row-routes.ts';
import { Outcomes, type AlikeReading, type ReadOutcome } from './outcomes.ts';
import { PossibleUses, type PossibleUse } from './possible-use.ts';
import { addSetAside, NO_PORT, RuleDays, spread, Tally } from './admission-sums.ts';
import { LogCoverage } from './log-coverage.ts';
import { keepRejected } from './rejected-flows.ts';
import { Readings } from './readings.ts';
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

/**
 * Hears of every service flow that was accepted and gives use or possible use, or that nothing explains: of one flow and
 * day as often as its sums were written out, and once for each answer of the rules. The flow is valid during the call only.
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

/** Answers held before the sums are written out and the memory given back; */
const MAX_ANSWERS = 1_000_000;
/** and those that are kept when sums are written out, by all that share the memory: some 10 MB. */
const KEPT_ANSWERS = 20_000;
/** Service flows held before, by one of these: some 60 MB. Who has several asks {@link Attribution.held}. */
const MAX_FLOWS = 500_000;
/** Conversations held before they are made flows: some 40 MB. */
const MAX_ALIKE = 400_000;

/**
 * Adds up what records say of the rules of one inventory. What a record adds depends on the record and the inventory
 * alone. Sums reach `usage` with {@link finish}.
 */
export class Attribution {
  readonly #compiled: CompiledInventory;
  readonly #admissions: Admissions;
  readonly #possibleUses: PossibleUses;
  readonly #usage: Usage;
  readonly #onFlow: FlowListener | undefined;
  readonly #readings: Readings;
  readonly #coverage: LogCoverage;
  readonly #fates: FateTally;
  readonly #aside: Heard | undefined;
  readonly #memory: FoldMemory;
  readonly #alike: AlikeReadings;
  /** What {@link RowRoutes} adds to. */
  readonly rows: RowsTo;
  readonly #flows: FlowFold;
  readonly #kept: KeptFlows;
  readonly #outcomes: Outcomes;
  #tallies: Tally[] = [];
  /** What was set aside, by what would have been credited or possible, and by day. */
  readonly #setAside = new Map<Admission | PossibleUse, Map<Day, number>>();
  /** Numbers of interfaces that are not in the inventory, behind those that are. */
  readonly #unknown = new Map<string, number>();
  /** How the record that was added last was read, where nobody could ask the rules of its interface; null where anybody could. */
  #guess: FlowReading | null | undefined;
  constructor(compiled: CompiledInventory, usage: Usage, { onFlow, aside }: Options = {}) {
    this.#compiled = compiled;
    this.#admissions = new Admissions(compiled);
    this.#possibleUses = new PossibleUses(compiled, this.#admissions);
    this.#readings = new Readings(this.#admissions, this.#possibleUses, compiled.seed);
    this.#memory = new FoldMemory(compiled.seed, compiled.portClasses, {
      read: (waiting, reverse) => this.#alike.read(waiting, reverse),
      readAlone: (waiting) => this.#alike.readAlone(waiting),
      mayHaveUsed: (outcome, flow) => this.#flows.addPossible(flow, this.#outcomes.at(outcome - 1).possible!),
    });
    this.#flows = new FlowFold(this.#memory, compiled.seed);
    this.#kept = new KeptFlows(this.#flows);
    this.#outcomes = new Outcomes(this.#memory, this.#flows, compiled.seed);
    const asked = { admissions: this.#admissions, readings: this.#readings };
    this.#alike = new AlikeReadings(
      { compiled, ...asked, outcomes: this.#outcomes, memory: this.#memory },
      (...read) => {
        this.#fold(...read);
      },
    );
    this.#usage = usage;
    this.#coverage = new LogCoverage(usage);
    this.#fates = new FateTally(compiled, usage);
    this.#aside = aside && { usage: aside, coverage: new LogCoverage(aside), fates: new FateTally(compiled, aside) };
    this.#onFlow = onFlow;
    const own: Heard = { usage, coverage: this.#coverage, fates: this.#fates };
    this.rows = {
      ...own,
      alike: this.#alike,
      memory: this.#memory,
      aside: this.#aside,
      added: () => {
        this.#guess = null;
        this.#relieve();
      },
    };
  }

  /** Service flows held until {@link finish}, and conversations: a measure of the memory, some 140 bytes each. */
  get held(): number {
    return this.#flows.size + this.#alike.size / 2;
  }

  /** How the record that was added last was read, once {@link settle} was called; undefined where it was set aside before. */
  get reading(): FlowReading | undefined {
    return this.#guess === null ? this.#alike.last : this.#guess;
  }

  /** @param day of the file's name; undefined where it tells none: then that of the flow log's last record here */
  malformed(origin: Omit<RecordOrigin, 'isDuplicate'>, day: Day | undefined, times = 1): void {
    this.#fates.malformed(origin, times);
    this.#coverage.malformed(origin.flowLogId ?? '', day, times);
  }

  /** @param owner the interface, by default looked up */
  add(record: FlowRecord, origin: RecordOrigin, owner = this.#compiled.interfaceOf(record.interfaceId)): void {
    this.#guess = undefined;
    const place = this.#fates.placeOf(record, owner, origin);
    const fate = this.#setAsideOrWait(record, origin, owner, place);
    if (fate) this.#fates.count(fate, place, record.times);
    this.#relieve();
    if (this.#aside) {
      const { fates } = this.#aside;
      fates.count('duplicateLog', fates.placeOf(record, owner, origin), record.times);
    }
  }

  /**
   * Writes the sums into the usage given at the start. Call it once all records are in; more may follow.
   *
   * @param among how many attributions share what memory may be held on to for those
   */
  finish(among = 1): void {
    this.settle();
    this.#alike.tell(this.#fates);
    for (const outcome of this.#outcomes.told()) this.#tell(outcome);
    const into = new RuleDays(this.#usage, this.#compiled);
    const aside = this.#aside && new RuleDays(this.#aside.usage, this.#compiled);
    const known = this.#compiled.interfaces.length;
    const unknown = [...this.#unknown.keys()];
    this.#flows.tell((flow) => {
      const { owner, port, protocol } = flow;
      const admission = flow.admission < 0 ? undefined : this.#admissions.at(flow.admission);
      if (admission && flow.isCredited) {
        this.#tallyOf(admission).credit(flow, hasPorts(protocol) ? this.#compiled.ports.bucketOf(port) : NO_PORT);
        if (aside) addSetAside(aside, admission, flow.day, flow.requests + flow.replies);
      }
      const id = owner < known ? this.#compiled.interfaces[owner]!.source.interfaceId : unknown[owner - known]!;
      this.#onFlow?.(flow, id, admission);
    });
    for (const requests of this.#flows.requests()) {
      this.#tallyOf(this.#admissions.at(requests.admission)).creditRequests(requests);
    }
    spread(this.#tallies, into);
    this.#tallies = [];
    for (const [one, days] of this.#setAside) {
      for (const [day, times] of days) addSetAside(into, one, day, times);
    }
    this.#setAside.clear();
    this.#kept.addTo(into, aside);
    this.#flows.clear();
    this.#outcomes.forget();
    this.#memory.release();
    this.#unknown.clear();
    if (this.answers > KEPT_ANSWERS / among) this.#forget();
  }

  /**
   * The fate of a record that is not read by the rules of its interface; undefined of others.
   *
   * @param place where its fate is counted
   */
  #setAsideOrWait(
    record: FlowRecord,
    origin: RecordOrigin,
    owner: CompiledInterface | undefined,
    place: number,
  ): Fate | undefined {
    const day = dayOf(record.end);
    noteEnds(this.#usage, record.end, record.end);
    const duplicate = owner !== undefined && record.status === 'OK' && origin.isDuplicate(record, owner);
    const flowLogId = origin.flowLogId ?? '';
    this.#coverage.hear(record, flowLogId, day);
    if (owner) this.#coverage.cover(owner, record, day, flowLogId, duplicate);
    if (this.#aside && owner) {
      noteEnds(this.#aside.usage, record.end, record.end);
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
      return this.#addUnknown(record, origin, day);
    }
    if (!owner.groupSet) return 'noGroup';
    const direction = directionOf(record, owner, this.#compiled);
    if (!direction) {
      const possible = this.#possibleUses.eitherWay(record, owner.source.vpcId, owner.groupSet);
      return this.#keepGuess('unknownDirection', record, owner.index, day, 'ingress', possible);
    }
    this.#alike.add(record, owner, day, direction, place);
    this.#guess = null;
    return undefined;
  }

  /** Reads the records that wait. */
  settle(): void {
    this.#alike.settle();
  }

  /** Answers of the rules, and what they rest on: a measure of the memory beside {@link held}, some 300 bytes each. */
  get answers(): number {
    return this.#admissions.size + this.#possibleUses.size + this.#readings.size;
  }

  #forget(): void {
    this.#admissions.forget();
    this.#possibleUses.forget();
    this.#readings.forget();
  }

  /** Gives memory back, where too much is held. */
  #relieve(): void {
    if (this.answers > MAX_ANSWERS || this.#flows.size > MAX_FLOWS) this.finish();
    else if (this.#alike.size > MAX_ALIKE) this.#alike.tell(this.#fates);
  }

  /** Adds what some records say beside their flow and their fate, of which each was added. */
  #tell({ reading, possible, isProven, day, times, last }: ReadOutcome): void {
    const { isRequest, isAmbiguous, isInferred } = reading;
    if (isRequest) this.#usage.requests += times;
    else this.#usage.replies += times;
    if (isAmbiguous) this.#usage.ambiguous += times;
    const row = this.#flows.requestRowOf(reading, day);
    if (row > 0) this.#flows.addRequests(row - 1, times, isInferred, isProven);
    if (possible) this.#kept.addPossible(possible, { times, end: last }, day, false);
  }

  /** Adds what a record tells that was read by itself. */
  #fold(key: LoneRecord, read: AlikeReading, sums: RecordSums): void {
    const { reading, possible } = read;
    const { times, end } = sums;
    this.#fates.count(reading.fate, key.place, times);
    const flow = this.#kept.flowOf(key, reading.isPlain ? key.plain : key.packet, reading, possible);
    this.#flows.add(flow, sums, reading.isRequest, reading.isInferred);
    const row = this.#flows.requestRowOf(reading, key.day);
    if (row > 0) this.#flows.addHour(row - 1, end, times);
    this.#tell({ ...read, day: key.day, times, last: end });
  }

  /** Of a record of which only the rules of all groups can be asked, who opened it is told by its flags and ports. */
  #keepGuess(
    fate: Fate,
    record: FlowRecord,
    owner: number,
    day: Day,
    direction: Direction,
    possible: PossibleUse | undefined,
  ): Fate {
    const isRequest = guessedOpener(record) === 'request';
    const ofRules = isRequest ? direction : opposite(direction);
    const guess = { slot: -1, direction: ofRules, isCredited: false };
    const { protocol, sourcePort, destinationPort } = record;
    const of = { owner, day, protocol, port: isRequest ? destinationPort : sourcePort };
    const flow = this.#kept.flowOf(of, packetPeer(record, direction), guess, possible);
    this.#flows.add(flow, record, isRequest, true);
    if (possible) this.#kept.addPossible(possible, record, day, true);
    this.#guess = { fate, direction, orientation: undefined, possible };
    return fate;
  }

  #tallyOf(admission: Admission): Tally {
    return (this.#tallies[admission.slot] ??= new Tally(admission));
  }

  /** Which groups it has is not known: it may have any of its VPC. A group whose members live for minutes is seen in no other way. */
  #addUnknown(record: FlowRecord, { flowLogId }: RecordOrigin, day: Day): Fate {
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
    return this.#keepGuess('unknownInterface', record, owner, day, record.direction ?? 'ingress', possible);
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
