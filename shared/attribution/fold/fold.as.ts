/*
 * Adds up accepted records of known interfaces by service flow, in the order of their interfaces, conversation by conversation.
 * AssemblyScript (https://www.assemblyscript.org), which `npm run wasm` compiles into `fold-module.ts`. README.md tells why it is so.
 *
 * How a record is to be read is asked of JavaScript, once for each kind of records of a conversation: those of the other way are often
 * known by what these are.
 */
import {
  APART, APART_SHIFT, AT_BYTES, AT_END, AT_FEATURES, AT_PACKETS, AT_PEER, AT_PORTS, AT_REST, AT_START, AT_TIMES,
  CHUNK_END, CHUNK_FIRST, CHUNK_NEXT, CONVERSATION_BYTES, CONVERSATION_REST, FATE_SHIFT, FLOW_INFERRED, FLOW_REPLIES,
  FLOW_REQUESTS, GROUP_BYTES, GROUP_DAY, GROUP_FATES, GROUP_OWNER, INGRESS, IS_CREDITED, IS_INFERRED, IS_INGRESS, IS_PLAIN,
  IS_POSSIBLE, IS_REQUEST, KIND_FEATURES, KINDS_AT, LONG_CONVERSATION_BYTES, MAX_WAITING, NEVER, OPENER_SHIFT,
  OTHER_PLAIN, OUTCOME_BITS, OUTCOME_BYTES, OUTCOME_LAST, OUTCOME_REVERSE, OUTCOME_ROW, OUTCOME_SINCE, OUTCOME_SLOT,
  OUTCOME_TIMES, PACKET_FAMILY_SHIFT, PLAIN_FAMILY_SHIFT, PROTOCOL_SHIFT, SERVICE_CREDITED, SERVICE_INGRESS,
  SERVICE_PROTOCOL_SHIFT, SERVICE_SIX, SPLIT, SUM_BYTES, SUM_FIRST, SUM_INFERRED, SUM_LAST, SUM_PACKETS, SUM_REPLIES,
  SUM_REQUESTS, TURN,
} from './layout.ts';
import { addHour, addTraffic, clearFlows, flowOf } from './flows.as.ts';
import { emptyPlaces, FEWEST, freeChunks, grown, taken, withRoom } from './tables.as.ts';
import {
  forgetGroups, groupAt, groupCount, groups, isLong, keyHash, order, putInOrder, REST_BYTES, turn, waiting, waitOne,
  waitRouted,
} from './waiting.as.ts';

export { addRequests, addRow, addToFlow, clearFlows, firstOfFlows, flowOf, flows, rows } from './flows.as';
export { setSeed } from './tables.as';
export { addGroup, CLASSES, groups, KINDS, ROUTED, SCANNED } from './waiting.as';

/**
 * To read the record that waits there, the first of its kind.
 *
 * @param reverse the number plus 1 of the outcome of those the other way, 0 where none is known
 * @returns the number of the outcome of all of this kind plus 1, or TURN
 */
declare function read(waiting: usize, reverse: u32): u32;
/** To read and to add up the record that waits there by itself. */
declare function readAlone(waiting: usize): void;
/** To note who else may have been used by records of a flow. */
declare function mayHaveUsed(outcome: u32, flow: usize): void;

const TCP = 6;
const UDP = 17;

const KEY_FEATURES: u32 = ~KIND_FEATURES;
const KEY_MASK: u64 = 0xffffffff00000000 | <u64>KEY_FEATURES;

/** Of a group: where its table begins, its size minus 1, and how many lie in it. */
const GROUP_PLACES = 8;
const GROUP_MASK = 12;
const GROUP_SIZE = 16;

/** How many conversations are held; they are made flows by {@link tell}. */
export let conversations: i32 = 0;
/** The outcome of the record read last; 0 where it was read by itself, as whoever read it sets it. */
export let last: u32 = 0;
/** {@link OUTCOME_BYTES} each. */
export let outcomes: usize = 0;

let outcomeCount: i32 = 0;
let outcomeRoom: i32 = 0;
let firstOfConversations: usize = 0;
let lastOfConversations: usize = 0;

/** Adds rows of the scanner, as many as ROUTED tells. */
export function addRouted(count: i32): void {
  if (waiting + count > MAX_WAITING) settle();
  waitRouted(count);
}

/**
 * Adds the first row of SCANNED.
 *
 * @param shown features that tell who opened it, and what the night alone knows
 */
export function addOne(group: i32, isIngress: bool, shown: i32, times: f64): void {
  if (waiting === MAX_WAITING) settle();
  waitOne(group, isIngress, shown, times);
}

/** Numbers count from 0; each one more than the one before. */
export function addOutcome(bits: i32, slot: i32, row: i32, since: u32): void {
  if (outcomeCount === outcomeRoom) {
    outcomeRoom = outcomeRoom === 0 ? FEWEST : outcomeRoom * 2;
    outcomes = grown(outcomes, <usize>outcomeRoom * OUTCOME_BYTES);
  }
  const outcome = outcomes + <usize>(outcomeCount++) * OUTCOME_BYTES;
  memory.fill(outcome, 0, OUTCOME_BYTES);
  store<i32>(outcome, bits, OUTCOME_BITS);
  store<i32>(outcome, slot, OUTCOME_SLOT);
  store<i32>(outcome, row, OUTCOME_ROW);
  store<u32>(outcome, since, OUTCOME_SINCE);
}

/** Reads all records that wait, those of one group one after the other: what is asked for of it lies in the processor's caches. */
export function settle(): void {
  const count = putInOrder();
  for (let i = 0; i < count; i++) readRow(<usize>load<u32>(order + (<usize>i << 2)));
}

function readRow(row: usize): void {
  let conversation = conversationOf(row);
  let outcome = outcomeOf(row, conversation);
  while (outcome >= SPLIT) {
    if (outcome === TURN) turn(row);
    else setApart(row);
    conversation = conversationOf(row);
    outcome = outcomeOf(row, conversation);
  }
  const told = outcomeAt(outcome);
  const start = load<u32>(row, AT_START);
  if (start < load<u32>(told, OUTCOME_SINCE)) {
    readAlone(row);
    return;
  }
  last = outcome;
  const end = load<u32>(row, AT_END);
  const times = load<f64>(row, AT_TIMES);
  const bits = load<i32>(told, OUTCOME_BITS);
  store<f64>(told, load<f64>(told, OUTCOME_TIMES) + times, OUTCOME_TIMES);
  if (end > load<u32>(told, OUTCOME_LAST)) store<u32>(told, end, OUTCOME_LAST);
  const fate = groupAt(row) + GROUP_FATES + (<usize>((bits >> FATE_SHIFT) & 3) << 3);
  store<f64>(fate, load<f64>(fate) + times);
  const requestRow = load<u32>(told, OUTCOME_ROW);
  if (requestRow > 0) addHour(requestRow - 1, end, times);
  const sum = conversation + ((bits & IS_REQUEST) !== 0 ? SUM_REQUESTS : SUM_REPLIES);
  store<f64>(sum, load<f64>(sum) + times);
  if ((bits & IS_INFERRED) !== 0) store<f64>(conversation, load<f64>(conversation, SUM_INFERRED) + times, SUM_INFERRED);
  store<f64>(conversation, load<f64>(conversation, SUM_PACKETS) + load<f64>(row, AT_PACKETS), SUM_PACKETS);
  store<f64>(conversation, load<f64>(conversation, SUM_BYTES) + load<f64>(row, AT_BYTES), SUM_BYTES);
  if (start < load<u32>(conversation, SUM_FIRST)) store<u32>(conversation, start, SUM_FIRST);
  if (end > load<u32>(conversation, SUM_LAST)) store<u32>(conversation, end, SUM_LAST);
}

/** Four times the number of the record's kind. */
@inline
function kindOf(row: usize): usize {
  const features = load<u32>(row, AT_FEATURES);
  return ((features & INGRESS) !== 0 ? 4 : 0) | ((features & (3 << OPENER_SHIFT)) !== 0 ? 8 : 0);
}

function setApart(row: usize): void {
  const features = load<u32>(row, AT_FEATURES);
  store<u32>(row, features | APART | (<u32>kindOf(row) << (APART_SHIFT - 2)), AT_FEATURES);
}

/** What records of this one's kind come to; where it is the first of them in its conversation, it is read. */
@inline
function outcomeOf(row: usize, conversation: usize): u32 {
  const known = load<u32>(conversation + kindOf(row), KINDS_AT);
  return known !== 0 ? known : begin(row, conversation);
}

function begin(row: usize, conversation: usize): u32 {
  const kind = kindOf(row);
  let reverse = load<u32>(conversation + (kind ^ 4), KINDS_AT);
  if (reverse >= SPLIT) reverse = 0;
  let outcome = reverse === 0 ? 0 : load<u32>(outcomeAt(reverse), OUTCOME_REVERSE);
  if (outcome === 0 || load<u32>(row, AT_START) < load<u32>(outcomeAt(outcome), OUTCOME_SINCE)) outcome = read(row, reverse);
  if (outcome !== TURN && !isOfFlow(outcome, conversation)) outcome = SPLIT;
  store<u32>(conversation + kind, outcome, KINDS_AT);
  return outcome;
}

/** Whether records with this outcome are of the same flow as those of the other kinds of the conversation. */
function isOfFlow(outcome: u32, conversation: usize): bool {
  const known = outcomeIn(conversation);
  if (known === 0 || load<u32>(outcomeAt(outcome), OUTCOME_SINCE) === NEVER) return true;
  if (load<u32>(outcomeAt(outcome), OUTCOME_SLOT) !== load<u32>(outcomeAt(known), OUTCOME_SLOT)) return false;
  const bits = load<i32>(outcomeAt(outcome), OUTCOME_BITS) ^ load<i32>(outcomeAt(known), OUTCOME_BITS);
  return (bits & (IS_PLAIN | IS_CREDITED | IS_INGRESS)) === 0;
}

/** Any that tells of which flow its records are; 0 where all are read by themselves. */
function outcomeIn(conversation: usize): u32 {
  for (let number: usize = 0; number < 16; number += 4) {
    const outcome = load<u32>(conversation + number, KINDS_AT);
    if (isTold(outcome)) return outcome;
  }
  return 0;
}

/** Whether records of a kind that comes to this are of its conversation: the first of them was. */
@inline
function isTold(outcome: u32): bool {
  return outcome !== 0 && outcome < SPLIT && load<u32>(outcomeAt(outcome), OUTCOME_SINCE) !== NEVER;
}

/** @param number counted from 1 */
@inline
function outcomeAt(number: u32): usize {
  return outcomes + <usize>(number - 1) * OUTCOME_BYTES;
}

/** That of the record, which is made if there is none. */
function conversationOf(row: usize): usize {
  const group = groupAt(row);
  if (load<u32>(group, GROUP_PLACES) === 0) makePlaces(group, FEWEST);
  const isLongKey = isLong(row);
  const places = load<usize>(group, GROUP_PLACES);
  const mask = load<u32>(group, GROUP_MASK);
  const a = load<u64>(row) & KEY_MASK;
  const b = load<u64>(row, 8);
  let place = keyHash(row, load<u32>(row, AT_FEATURES) & KEY_FEATURES, row + AT_REST) & mask;
  for (;;) {
    const entry = load<usize>(places + (<usize>place << 2));
    if (entry === 0) break;
    if (load<u64>(entry) === a && load<u64>(entry, 8) === b) {
      if (!isLongKey || memory.compare(entry + CONVERSATION_REST, row + AT_REST, REST_BYTES) === 0) return entry;
    }
    place = (place + 1) & mask;
  }
  const bytes = isLongKey ? LONG_CONVERSATION_BYTES : CONVERSATION_BYTES;
  lastOfConversations = withRoom(lastOfConversations, bytes);
  if (firstOfConversations === 0) firstOfConversations = lastOfConversations;
  const entry = taken(lastOfConversations, bytes);
  conversations++;
  memory.fill(entry, 0, bytes);
  store<u32>(entry, NEVER, SUM_FIRST);
  store<u64>(entry, a);
  store<u64>(entry, b, 8);
  if (isLongKey) memory.copy(entry + CONVERSATION_REST, row + AT_REST, REST_BYTES);
  store<usize>(places + (<usize>place << 2), entry);
  const size = load<u32>(group, GROUP_SIZE) + 1;
  store<u32>(group, size, GROUP_SIZE);
  if (size * 2 > mask) growPlaces(group);
  return entry;
}

function makePlaces(group: usize, size: u32): void {
  store<usize>(group, emptyPlaces(size), GROUP_PLACES);
  store<u32>(group, size - 1, GROUP_MASK);
}

function growPlaces(group: usize): void {
  const old = load<usize>(group, GROUP_PLACES);
  const size = load<u32>(group, GROUP_MASK) + 1;
  makePlaces(group, size * 2);
  const places = load<usize>(group, GROUP_PLACES);
  const mask = size * 2 - 1;
  for (let i: u32 = 0; i < size; i++) {
    const entry = load<usize>(old + (<usize>i << 2));
    if (entry === 0) continue;
    let place = keyHash(entry, load<u32>(entry, AT_FEATURES), entry + CONVERSATION_REST) & mask;
    while (load<u32>(places + (<usize>place << 2)) !== 0) place = (place + 1) & mask;
    store<usize>(places + (<usize>place << 2), entry);
  }
  heap.free(old);
}

/** Adds all conversations to flows, and forgets them. */
export function tell(): void {
  for (let chunk = firstOfConversations; chunk !== 0; chunk = load<usize>(chunk, CHUNK_NEXT)) {
    const end = load<usize>(chunk, CHUNK_END);
    let entry = chunk + CHUNK_FIRST;
    while (entry < end) {
      if (load<u32>(entry, SUM_FIRST) !== NEVER) tellConversation(entry);
      entry += isLong(entry) ? LONG_CONVERSATION_BYTES : CONVERSATION_BYTES;
    }
  }
  freeChunks(firstOfConversations);
  firstOfConversations = 0;
  lastOfConversations = 0;
  for (let group = groups, i = 0; i < groupCount; i++, group += GROUP_BYTES) {
    const places = load<usize>(group, GROUP_PLACES);
    if (places !== 0) heap.free(places);
    store<usize>(group, 0, GROUP_PLACES);
    store<u32>(group, 0, GROUP_SIZE);
  }
  conversations = 0;
}

function tellConversation(entry: usize): void {
  const outcome = outcomeAt(outcomeIn(entry));
  const bits = load<i32>(outcome, OUTCOME_BITS);
  const group = groupAt(entry);
  const features = load<i32>(entry, AT_FEATURES);
  const protocol = (features >> PROTOCOL_SHIFT) & 255;
  const isPlain = (bits & IS_PLAIN) !== 0 && (features & OTHER_PLAIN) !== 0;
  const family = (features >> (isPlain ? PLAIN_FAMILY_SHIFT : PACKET_FAMILY_SHIFT)) & 3;
  const service =
    (protocol === TCP || protocol === UDP ? load<i32>(entry, AT_PORTS) & 0xffff : 0) |
    (protocol << SERVICE_PROTOCOL_SHIFT) |
    ((bits & IS_INGRESS) !== 0 ? SERVICE_INGRESS : 0) |
    ((bits & IS_CREDITED) !== 0 ? SERVICE_CREDITED : 0) |
    (family === 3 ? SERVICE_SIX : 0);
  const isLongKey = isLong(entry);
  const rest = entry + CONVERSATION_REST + (isPlain ? 16 : 0);
  const flow = flowOf(
    load<i32>(group, GROUP_OWNER),
    load<i32>(outcome, OUTCOME_SLOT),
    load<i32>(group, GROUP_DAY),
    service,
    isPlain ? load<i32>(entry, CONVERSATION_REST + 12) : load<i32>(entry, AT_PEER),
    isLongKey ? load<i32>(rest) : 0,
    isLongKey ? load<i32>(rest, 4) : 0,
    isLongKey ? load<i32>(rest, 8) : 0,
  );
  store<f64>(flow, load<f64>(flow, FLOW_REQUESTS) + load<f64>(entry, SUM_REQUESTS), FLOW_REQUESTS);
  store<f64>(flow, load<f64>(flow, FLOW_REPLIES) + load<f64>(entry, SUM_REPLIES), FLOW_REPLIES);
  store<f64>(flow, load<f64>(flow, FLOW_INFERRED) + load<f64>(entry, SUM_INFERRED), FLOW_INFERRED);
  addTraffic(flow, load<f64>(entry, SUM_PACKETS), load<f64>(entry, SUM_BYTES), load<u32>(entry, SUM_FIRST), load<u32>(entry, SUM_LAST));
  for (let number: usize = 0; number < 16; number += 4) {
    const told = load<u32>(entry + number, KINDS_AT);
    if (isTold(told) && (load<i32>(outcomeAt(told), OUTCOME_BITS) & IS_POSSIBLE) !== 0) mayHaveUsed(told, flow);
  }
}

/** As if nothing had ever been added. */
export function clear(): void {
  tell();
  outcomeCount = 0;
  last = 0;
  clearFlows();
  forgetGroups();
}
