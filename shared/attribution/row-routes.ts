import { bitsOf, sameAddress, type Address, type Prefix } from '../addresses/address.ts';
import { isOfLattice } from '../addresses/lattice.ts';
import { emptyRecord, endOf, type ScannedRows } from '../flowlogs/record.ts';
import {
  ACCEPTED,
  ACCOUNT_ID,
  DESTINATION,
  DIRECTION,
  END,
  INTERFACE_ID,
  PACKET_DESTINATION,
  PACKET_SOURCE,
  ROW_SLOTS,
  SOURCE,
  START,
  STATUS,
  TCP_FLAGS,
} from '../flowlogs/scan/layout.ts';
import type { CompiledInventory } from '../matching/compiled-inventory.ts';
import { DAY_SECONDS, dayOf, startOfDay, type Day } from '../time.ts';
import { TOLD } from '../usage/log-days.ts';
import type { InterfaceDay, Usage } from '../usage/usage.ts';
import type { AlikeReadings } from './alike-readings.ts';
import type { RecordOrigin } from './attribution.ts';
import type { FoldMemory } from './fold-memory.ts';
import type { FateTally } from './fate-tally.ts';
import type { LogCoverage } from './log-coverage.ts';
import type { RivalsOf } from './duplicate-log.ts';
import { NEVER } from './fold/layout.ts';
import { hashOfRejecting, keepRejectedRow } from './rejected-flows.ts';

type FileOrigin = Omit<RecordOrigin, 'isDuplicate'>;

/** Where what is told of days, interfaces and accounts is added up. */
export interface Heard {
  readonly usage: Usage;
  readonly coverage: LogCoverage;
  readonly fates: FateTally;
}

/** What rows are added to: one attribution. */
export interface RowsTo extends Heard {
  readonly alike: AlikeReadings;
  readonly memory: FoldMemory;
  /** As if another flow log counted in their place. */
  readonly aside: Heard | undefined;
  /** To be called behind each few rows. */
  added(): void;
}

/** What the rows of one scan that went to an attribution add up to. */
interface Added {
  readonly to: RowsTo;
  lines: number;
  hours: number;
  told: number;
  /** UNIX seconds: smallest and largest `end`. */
  first: number;
  last: number;
  /** Whether rows were chosen for {@link AlikeReadings.take}. */
  hasChosen: boolean;
}

/** What is the same for the records of one action of an interface that come in files of one origin, on one day. */
interface Route {
  readonly added: Added;
  /** Of its accepted records: {@link FoldMemory.groupOf}. */
  readonly group: number;
  /** Of its rejected records. */
  readonly rejecting: number;
  readonly primary: Readonly<Address> | undefined;
  /** Whether the interface has no other address than that. */
  readonly isOnly: boolean;
  /** The number of the account that its records name. */
  readonly accountId: number;
  /** Where fates are counted, and those that are set aside. */
  readonly place: number;
  readonly placeAside: number;
  readonly seen: InterfaceDay;
  /** UNIX seconds: records that start in between go this way; the second is exclusive. */
  readonly since: number;
  readonly until: number;
}

/**
 * Adds the records of one origin and day as the scanner left them, without an object and a dozen calls for each. What is found out of
 * a record but for its flow (whose it is, where it is counted, which other flow logs tell of it) is the same for most records of
 * an interface, and is found out once. It takes only what is plain to see: traffic of an interface with groups.
 */
export class RowRoutes {
  readonly #compiled: CompiledInventory;
  readonly #file: FileOrigin;
  readonly #rivals: RivalsOf;
  readonly #toOf: (rivals: readonly string[]) => RowsTo;
  readonly #added = new Map<RowsTo, Added>();
  readonly #record = emptyRecord();
  #day: Day = -1;
  #ids: readonly string[] = [];
  /** The last one by the number of the interface's id, twice, and whether it was accepted; null where records are to be added one by one. */
  #routes: (Route | null | undefined)[] = [];

  /** @param toOf what those records are added to of which these other flow logs tell too */
  constructor(
    compiled: CompiledInventory,
    file: FileOrigin,
    rivals: RivalsOf,
    toOf: (rivals: readonly string[]) => RowsTo,
  ) {
    this.#compiled = compiled;
    this.#file = file;
    this.#rivals = rivals;
    this.#toOf = toOf;
  }

  /** @returns the first row that is to be added by itself, or is of another day */
  add(rows: ScannedRows, from: number): number {
    const day = dayOf(endOf(rows, from));
    if (rows.ids !== this.#ids || day !== this.#day) this.#begin(rows.ids, day);
    const { slots, numbers } = rows;
    const routes = this.#routes;
    const midnight = startOfDay(day);
    if (midnight + DAY_SECONDS > NEVER) return from;
    let row = from;
    for (; row < rows.size; row++) {
      const at = row * ROW_SLOTS;
      const second = numbers[(at + END) >> 1]! - midnight;
      if (slots[at + STATUS] !== 0 || second < 0 || second >= DAY_SECONDS) break;
      const isAccepted = slots[at + ACCEPTED]!;
      const way = 2 * slots[at + INTERFACE_ID]! + isAccepted;
      const start = numbers[(at + START) >> 1]!;
      let route = routes[way];
      if (route === undefined || (route !== null && !isOf(route, slots, at, start))) {
        route = this.#routeOf(rows, at, start);
        routes[way] = route;
      }
      if (route === null) break;
      const isIngress = isIngressAt(slots, at, route);
      if (isIngress === undefined) break;
      const { added, seen, place } = route;
      const { to } = added;
      if (isAccepted === 0) {
        const direction = isIngress ? 'ingress' : 'egress';
        keepRejectedRow(to.usage.rejected, rows, row, route.rejecting, direction, this.#record);
        to.fates.count('rejected', place, 1);
      } else if (isLatticeAt(slots, at + SOURCE) || isLatticeAt(slots, at + DESTINATION) || start >= NEVER) break;
      else {
        to.alike.choose(row, route.group, isIngress);
        added.hasChosen = true;
        seen.accepted++;
      }
      seen.records++;
      to.aside?.fates.count('duplicateLog', route.placeAside, 1);
      added.lines++;
      added.hours |= 1 << Math.floor(second / 3600);
      added.told |= toldAt(slots, at);
      const end = midnight + second;
      if (end < added.first) added.first = end;
      if (end > added.last) added.last = end;
    }
    if (row > from) this.#tell(rows, from, row);
    return row;
  }

  /** Numbers of ids mean something else from now on, or what is seen is of another day. */
  #begin(ids: readonly string[], day: Day): void {
    this.#ids = ids;
    this.#day = day;
    this.#routes = [];
  }

  #tell(rows: ScannedRows, from: number, next: number): void {
    const { flowLogId = '' } = this.#file;
    for (const added of this.#added.values()) {
      const { to, lines, hours, told, first, last, hasChosen } = added;
      if (lines === 0) continue;
      if (hasChosen) to.alike.take(rows, from, next);
      for (const { usage, coverage } of to.aside ? [to, to.aside] : [to]) {
        const log = coverage.logOn(flowLogId, this.#day);
        log.lines += lines;
        log.hours |= hours;
        log.told |= told;
        noteEnds(usage, first, last);
      }
      Object.assign(added, NOTHING);
      to.added();
    }
  }

  #routeOf({ slots, ids }: ScannedRows, at: number, start: number): Route | null {
    const owner = this.#compiled.interfaceOf(ids[slots[at + INTERFACE_ID]!]!);
    if (!owner?.groupSet) return null;
    const { flowLogId = '' } = this.#file;
    const { primary, prefixes } = owner.source;
    const accountId = slots[at + ACCOUNT_ID]!;
    // Its VPC is the owner's.
    const named = { accountId: ids[accountId]!, vpcId: '' };
    const { ids: rivals, since, until } = this.#rivals({ accepted: slots[at + ACCEPTED] === 1, start }, owner);
    const added = this.#addedTo(this.#toOf(rivals));
    const { fates, coverage, aside } = added.to;
    aside?.coverage.seenOf(owner, this.#day, flowLogId);
    const place = fates.placeOf(named, owner, this.#file);
    return {
      added,
      group: added.to.memory.groupOf(owner.index, this.#day, place),
      rejecting: hashOfRejecting(owner.source.interfaceId),
      primary,
      isOnly: primary !== undefined && prefixes.every((prefix) => isHost(prefix, primary)),
      accountId,
      place,
      placeAside: aside?.fates.placeOf(named, owner, this.#file) ?? -1,
      seen: coverage.seenOf(owner, this.#day, flowLogId),
      since,
      until,
    };
  }

  #addedTo(to: RowsTo): Added {
    let added = this.#added.get(to);
    if (!added) this.#added.set(to, (added = { to, ...NOTHING }));
    return added;
  }
}

const NOTHING = { lines: 0, hours: 0, told: 0, first: Infinity, last: -1, hasChosen: false } as const;

function isOf(route: Route, slots: Int32Array, at: number, start: number): boolean {
  return slots[at + ACCOUNT_ID] === route.accountId && start >= route.since && start < route.until;
}

function toldAt(slots: Int32Array, at: number): number {
  return (
    (slots[at + TCP_FLAGS]! < 0 ? 0 : TOLD.tcpFlags) |
    (slots[at + PACKET_SOURCE] === 0 && slots[at + PACKET_DESTINATION] === 0 ? 0 : TOLD.packetAddresses) |
    (slots[at + DIRECTION] === 0 ? 0 : TOLD.flowDirection)
  );
}

export function noteEnds(usage: Usage, first: number, last: number): void {
  if (last > usage.lastEnd) usage.lastEnd = last;
  if (usage.firstEnd < 0 || first < usage.firstEnd) usage.firstEnd = first;
}

/** Undefined where nothing tells, or it is not plain to see. */
function isIngressAt(slots: Int32Array, at: number, { primary, isOnly }: Route): boolean | undefined {
  const told = slots[at + DIRECTION]!;
  if (told !== 0) return told === 1;
  if (!primary) return undefined;
  if (isAddress(slots, at + DESTINATION, primary)) return true;
  return isOnly && isAddress(slots, at + SOURCE, primary) ? false : undefined;
}

function isAddress(slots: Int32Array, at: number, { family, w0, w1, w2, w3 }: Readonly<Address>): boolean {
  return (
    slots[at + 1] === w0 && slots[at + 4] === w3 && slots[at + 2] === w1 && slots[at + 3] === w2 && slots[at] === family
  );
}

function isLatticeAt(slots: Int32Array, at: number): boolean {
  return isOfLattice(slots[at]!, slots[at + 1]!, slots[at + 2]!);
}

function isHost({ address, length }: Prefix, host: Readonly<Address>): boolean {
  return sameAddress(address, host) && length === bitsOf(host.family === 6 ? 6 : 4);
}
