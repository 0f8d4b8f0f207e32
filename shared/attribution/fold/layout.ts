/**
 * Where `fold.as.ts` (AssemblyScript) holds what it adds up, for the files beside it: all are compiled with this one. Positions are of
 * bytes from the beginning of whatever they are in; numbers are of 32 bits, sums of 64 with a point.
 */

/** Records that wait to be read. */
export const MAX_WAITING = 65_536;

/** A record that waits. Its first four numbers, but for {@link KIND_FEATURES}, tell of which conversation it is; so do the addresses of those of which the first word does not tell all (`isLong`). */
export const AT_FEATURES = 0;
/** The class of the client's port above, the service's port below. */
export const AT_PORTS = 4;
/** First word of the peer's address, by its packets. */
export const AT_PEER = 8;
/** The number of its group: interface, day, and where fates are counted. */
export const AT_GROUP = 12;
/** The client's port; below 0 where nobody knows it. */
export const AT_CLIENT = 16;
export const AT_FLAGS = 20;
/** UNIX seconds, without sign. */
export const AT_START = 24;
export const AT_END = 28;
export const AT_TIMES = 32;
export const AT_PACKETS = 40;
export const AT_BYTES = 48;
/** The other words of the peer's address, and the four of its plain one, where that is another one. */
export const AT_REST = 56;
export const AT_PLAIN = 68;
export const WAITING_BYTES = 88;

/** Features: family of the plain address, that of the packet's own (0, 4 or 6, halved), */
export const PLAIN_FAMILY_SHIFT = 13;
export const PACKET_FAMILY_SHIFT = 15;
/** who opened the connection (0 unknown, 1 its source, 2 its destination), what the night says of pairs and of service ports, */
export const OPENER_SHIFT = 11;
export const PAIRED_SHIFT = 9;
export const SERVICE_SHIFT = 7;
export const PROTOCOL_SHIFT = 18;
/** and bits. Whether a SYN of the connection was seen; */
export const SYN_SEEN = 64;
/** whether who opened it is told by other records than this one; */
export const OPENER_TOLD = 32;
/** whether the source's port is taken for the service's; */
export const OF_SOURCE = 16;
/** whether both ports are the same; the lowest three tell of what kind the client's is (`portKind`); */
export const SAME_PORTS = 8;
export const INGRESS = 1 << 17;
/** whether the port that is taken for the service's is the interface's own; */
export const OWN_SERVICE = 1 << 28;
/** that the service's port is taken against what flags and ports tell; */
export const TURNED = 1 << 29;
/** that the plain address is another one than the packet's own. */
export const OTHER_PLAIN = 1 << 30;
/** That the kind of the record, which is told by two bits, has a conversation of its own. */
export const APART = 1 << 31;
export const APART_SHIFT = 26;
/** What may differ in one conversation: all of it follows from the kind of the record ({@link KINDS_AT}) and the rest. */
export const KIND_FEATURES = OF_SOURCE | INGRESS | (3 << OPENER_SHIFT);

/**
 * A conversation: all records of a group with one peer by one service that are of one flow, and of which no rule tells the clients'
 * ports apart. Behind the first four numbers of its records the outcome of each kind of them, by direction and by whether flags show
 * who opened it: its number plus 1, 0 where none was read yet.
 */
export const KINDS_AT = 16;
/** In place of an outcome: those records are of the conversation by the other port, */
export const TURN = 0xffffffff;
/** or of one of their own, since they are of another flow: {@link APART}. */
export const SPLIT = 0xfffffffe;
/** What its records add up to. */
export const SUM_REQUESTS = 32;
export const SUM_REPLIES = 40;
export const SUM_INFERRED = 48;
export const SUM_PACKETS = 56;
export const SUM_BYTES = 64;
export const SUM_FIRST = 72;
export const SUM_LAST = 76;
/** Of conversations with long keys only. */
export const CONVERSATION_REST = 80;
export const CONVERSATION_BYTES = 80;
export const LONG_CONVERSATION_BYTES = 112;

/** What records come to that are read in one way: bits of the reading, */
export const OUTCOME_BITS = 0;
/** the slot of the admission; */
export const OUTCOME_SLOT = 4;
/** {@link FlowFold.rowOf} plus 1 of requests that are credited, else 0, */
export const OUTCOME_ROW = 8;
/** UNIX seconds: records that started before are not read so, {@link NEVER} where each is to be read by itself; */
export const OUTCOME_SINCE = 12;
export const NEVER = 0xffffffff;
/** how many there were, and the latest `end`; */
export const OUTCOME_TIMES = 16;
export const OUTCOME_LAST = 24;
/** and the number plus 1 of what records the other way come to, of the same conversation; 0 where that must be asked. */
export const OUTCOME_REVERSE = 28;
export const OUTCOME_BYTES = 32;
export const IS_REQUEST = 1;
export const IS_INFERRED = 2;
/** Whether the peer is the plain address. */
export const IS_PLAIN = 4;
export const IS_CREDITED = 8;
/** Of the rules. */
export const IS_INGRESS = 16;
/** Whether others may have been used by them. */
export const IS_POSSIBLE = 32;
/** The number of the fate: two bits. */
export const FATE_SHIFT = 6;

/** A group of records: the number of the interface, the day, and how many of its records had each fate. */
export const GROUP_OWNER = 0;
export const GROUP_DAY = 4;
export const GROUP_FATES = 24;
export const GROUP_BYTES = 48;

/** A service flow: interface, admission, day, service and the four words of the peer's address are its key. */
export const FLOW_OWNER = 0;
export const FLOW_ADMISSION = 4;
export const FLOW_DAY = 8;
export const FLOW_SERVICE = 12;
export const FLOW_PEER = 16;
export const FLOW_REQUESTS = 32;
export const FLOW_REPLIES = 40;
export const FLOW_INFERRED = 48;
export const FLOW_PACKETS = 56;
export const FLOW_SIZES = 64;
export const FLOW_FIRST = 72;
export const FLOW_LAST = 80;
/** Which rules may have been used first: {@link PossibleUse.slot} plus 1; 0 for none. */
export const FLOW_POSSIBLE = 88;
export const FLOW_HASH = 92;
export const FLOW_BYTES = 96;
/** A service: port, protocol above it, and bits. */
export const SERVICE_PROTOCOL_SHIFT = 16;
export const SERVICE_INGRESS = 1 << 24;
export const SERVICE_CREDITED = 1 << 25;
export const SERVICE_SIX = 1 << 26;

/** A piece of memory in which flows lie one behind the other: where the next piece is (0 for none), and where what is in it ends. */
export const CHUNK_NEXT = 0;
export const CHUNK_END = 4;
export const CHUNK_FIRST = 64;

/** Requests of an admission and day, sums of 64 bits: 24 hours, those that are inferred, those that are proven. */
export const HOURS_OF_DAY = 24;
export const ROW_SUMS = 26;
