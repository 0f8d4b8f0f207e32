/* Records that wait, as the scanner left them or as JavaScript did in its place, and groups of them. */
import {
  DESTINATION, DESTINATION_PORT, MAX_ROWS, PACKET_DESTINATION, PACKET_SOURCE, PROTOCOL, ROW_SLOTS, BYTES as SCANNED_BYTES,
  END as SCANNED_END, PACKETS as SCANNED_PACKETS, START as SCANNED_START, SOURCE, SOURCE_PORT, TCP_FLAGS,
} from '../../flowlogs/scan/layout.ts';
import {
  AT_BYTES, AT_CLIENT, AT_END, AT_FEATURES, AT_FLAGS, AT_GROUP, AT_PACKETS, AT_PEER, AT_PORTS, AT_REST, AT_START, AT_TIMES,
  GROUP_BYTES, GROUP_DAY, GROUP_OWNER, INGRESS, MAX_WAITING, OF_SOURCE, OPENER_SHIFT, OTHER_PLAIN, OWN_SERVICE,
  PACKET_FAMILY_SHIFT, PLAIN_FAMILY_SHIFT, PROTOCOL_SHIFT, SAME_PORTS, TURNED, WAITING_BYTES,
} from './layout.ts';
import { FEWEST, finished, grown, mixed, seed } from './tables.as.ts';

const TCP = 6;
const SYN = 2;
const ACK = 16;
const SHORT_MASK = OTHER_PLAIN | (3 << PACKET_FAMILY_SHIFT);
const SHORT = 2 << PACKET_FAMILY_SHIFT;
/** Of the words behind {@link AT_REST}. */
export const REST_BYTES: usize = 28;

/** Filled from outside: rows of the scanner; */
export const SCANNED: usize = memory.data(MAX_ROWS * ROW_SLOTS * 4);
/** which of them to add, each its number and that of its group, twice, plus 1 where it is of a packet that came in; */
export const ROUTED: usize = memory.data(MAX_ROWS * 8);
/** of each port its class and its kind. */
export const CLASSES: usize = memory.data(65536 * 2);
export const KINDS: usize = memory.data(65536);

/** Where each of those that wait is, by group. */
export let order: usize = 0;

/** Of a group while rows are put in order: where the next one goes. */
const GROUP_NEXT = 20;

export let waiting: i32 = 0;
let waitingRows: usize = 0;
let waitingRoom: i32 = 0;
export let groups: usize = 0;
export let groupCount: i32 = 0;
let groupRoom: i32 = 0;

/** Numbers count from 0; each one more than the one before. */
export function addGroup(owner: i32, day: i32): void {
  if (groupCount === groupRoom) {
    groupRoom = groupRoom === 0 ? FEWEST : groupRoom * 2;
    groups = grown(groups, <usize>groupRoom * GROUP_BYTES);
  }
  const group = groups + <usize>(groupCount++) * GROUP_BYTES;
  memory.fill(group, 0, GROUP_BYTES);
  store<i32>(group, owner, GROUP_OWNER);
  store<i32>(group, day, GROUP_DAY);
}

export function forgetGroups(): void {
  groupCount = 0;
  waiting = 0;
}

@inline
export function groupAt(key: usize): usize {
  return groups + <usize>load<u32>(key, AT_GROUP) * GROUP_BYTES;
}

/** Whether the addresses behind {@link AT_REST} tell more of a record than the first word. */
@inline
export function isLong(key: usize): bool {
  return (load<i32>(key, AT_FEATURES) & SHORT_MASK) !== SHORT;
}

/**
 * @param features those that count
 * @param rest the addresses of a long key
 */
@inline
export function keyHash(key: usize, features: u32, rest: usize): u32 {
  let hash = seed;
  hash = mixed(hash, features);
  hash = mixed(hash, load<u32>(key, 4));
  hash = mixed(hash, load<u32>(key, 8));
  if (isLong(key)) {
    for (let i: usize = 0; i < REST_BYTES; i += 4) hash = mixed(hash, load<u32>(rest + i));
  }
  return finished(hash);
}

/** Who has few records takes little memory. */
function makeRoom(count: i32): void {
  if (waiting + count <= waitingRoom) return;
  waitingRoom = max(waitingRoom * 2, MAX_ROWS);
  waitingRows = grown(waitingRows, <usize>waitingRoom * WAITING_BYTES);
  order = grown(order, <usize>waitingRoom << 2);
}

/** Adds rows of the scanner, as many as ROUTED tells. */
export function waitRouted(count: i32): void {
  makeRoom(count);
  for (let i = 0; i < count; i++) {
    const routed = ROUTED + (<usize>i << 3);
    const way = load<i32>(routed, 4);
    const row = SCANNED + <usize>load<i32>(routed) * (ROW_SLOTS * 4);
    const protocol = load<i32>(row, PROTOCOL << 2);
    const flags = load<i32>(row, TCP_FLAGS << 2);
    let shown = 0;
    if (protocol === TCP && flags >= 0 && (flags & SYN) !== 0) shown = (flags & ACK) === 0 ? 1 : 2;
    wait(row, way >> 1, (way & 1) !== 0, shown << OPENER_SHIFT, 1);
  }
}

/**
 * Adds the first row of SCANNED.
 *
 * @param shown features that tell who opened it, and what the night alone knows
 */
export function waitOne(group: i32, isIngress: bool, shown: i32, times: f64): void {
  makeRoom(1);
  wait(SCANNED, group, isIngress, shown, times);
}

@inline
function isSameAddress(a: usize, b: usize): bool {
  return (
    load<i32>(a) === load<i32>(b) && load<u64>(a, 4) === load<u64>(b, 4) && load<u64>(a, 12) === load<u64>(b, 12)
  );
}

@inline
function wait(row: usize, group: i32, isIngress: bool, shown: i32, times: f64): void {
  const at = waitingRows + <usize>(waiting++) * WAITING_BYTES;
  const protocol = load<i32>(row, PROTOCOL << 2);
  const sourcePort = load<i32>(row, SOURCE_PORT << 2);
  const destinationPort = load<i32>(row, DESTINATION_PORT << 2);
  const opener = (shown >> OPENER_SHIFT) & 3;
  const isOfSource = opener === 0 ? sourcePort < destinationPort : opener === 2;
  const service = isOfSource ? sourcePort : destinationPort;
  const client = isOfSource ? destinationPort : sourcePort;
  // Of a connection whose opener is known the night leaves out the client's port.
  const known = client < 0 ? 0 : client;
  const plain = row + (isIngress ? SOURCE << 2 : DESTINATION << 2);
  const own = row + (isIngress ? PACKET_SOURCE << 2 : PACKET_DESTINATION << 2);
  const packet = load<i32>(own) === 0 ? plain : own;
  const isOther = packet !== plain && !isSameAddress(packet, plain);
  const family = load<i32>(packet);
  store<i32>(
    at,
    shown |
      (protocol << PROTOCOL_SHIFT) |
      ((family >> 1) << PACKET_FAMILY_SHIFT) |
      ((load<i32>(plain) >> 1) << PLAIN_FAMILY_SHIFT) |
      (isIngress ? INGRESS : 0) |
      (isOther ? OTHER_PLAIN : 0) |
      (isOfSource ? OF_SOURCE : 0) |
      (isOfSource !== isIngress ? OWN_SERVICE : 0) |
      (sourcePort === destinationPort ? SAME_PORTS : 0) |
      <i32>load<u8>(KINDS + known),
    AT_FEATURES,
  );
  store<u32>(at, (<u32>load<u16>(CLASSES + (known << 1)) << 16) | <u32>service, AT_PORTS);
  store<i32>(at, load<i32>(packet, 4), AT_PEER);
  store<i32>(at, group, AT_GROUP);
  store<i32>(at, client, AT_CLIENT);
  store<i32>(at, load<i32>(row, TCP_FLAGS << 2), AT_FLAGS);
  store<u32>(at, <u32>load<f64>(row, SCANNED_START << 2), AT_START);
  store<u32>(at, <u32>load<f64>(row, SCANNED_END << 2), AT_END);
  store<f64>(at, times, AT_TIMES);
  store<f64>(at, load<f64>(row, SCANNED_PACKETS << 2), AT_PACKETS);
  store<f64>(at, load<f64>(row, SCANNED_BYTES << 2), AT_BYTES);
  if (!isOther && family === 4) return;
  store<u64>(at, load<u64>(packet, 8), AT_REST);
  store<u32>(at, load<u32>(packet, 16), AT_REST + 8);
  store<u64>(at, isOther ? load<u64>(plain, 4) : 0, AT_REST + 12);
  store<u64>(at, isOther ? load<u64>(plain, 12) : 0, AT_REST + 20);
}

/** From now on the record is of the conversation by the other one of its ports. */
export function turn(row: usize): void {
  const client = load<u32>(row, AT_PORTS) & 0xffff;
  const service = load<u32>(row, AT_CLIENT) & 0xffff;
  store<u32>(row, (<u32>load<u16>(CLASSES + (client << 1)) << 16) | service, AT_PORTS);
  store<u32>(row, client, AT_CLIENT);
  const features = (load<i32>(row, AT_FEATURES) & ~7) | <i32>load<u8>(KINDS + client) | TURNED;
  store<i32>(row, features ^ (OF_SOURCE | OWN_SERVICE), AT_FEATURES);
}

/** Puts the records that wait in {@link order}, those of one group one after the other; from then on none waits. */
export function putInOrder(): i32 {
  const count = waiting;
  waiting = 0;
  for (let at = waitingRows, i = 0; i < count; i++, at += WAITING_BYTES) {
    const group = groupAt(at);
    store<u32>(group, load<u32>(group, GROUP_NEXT) + 1, GROUP_NEXT);
  }
  let next: u32 = 0;
  for (let group = groups, i = 0; i < groupCount; i++, group += GROUP_BYTES) {
    const size = load<u32>(group, GROUP_NEXT);
    store<u32>(group, next, GROUP_NEXT);
    next += size;
  }
  for (let at = waitingRows, i = 0; i < count; i++, at += WAITING_BYTES) {
    const group = groupAt(at);
    const place = load<u32>(group, GROUP_NEXT);
    store<u32>(group, place + 1, GROUP_NEXT);
    store<u32>(order + (<usize>place << 2), <u32>at);
  }
  for (let group = groups, i = 0; i < groupCount; i++, group += GROUP_BYTES) store<u32>(group, 0, GROUP_NEXT);
  return count;
}
