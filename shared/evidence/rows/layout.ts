/**
 * Where `rows.as.ts` (AssemblyScript) holds service flows, for `../flow-rows.ts` and whoever fills rows in: all are compiled with this
 * file. A row is one service flow of one day and source in numbers, as it is held, sorted and written out for a while.
 */

export const ROW_BYTES = 96;
/** Its words of 32 bits: day, interface, service, four of the peer's address and the answer of the rules, which make it this one; */
export const DAY = 0;
export const INTERFACE = 1;
export const SERVICE = 2;
export const PEER = 3;
export const ANSWER = 7;
/** what else is to be told, next to the answer; and under which source it was counted. */
export const MORE = 8;
export const SOURCE_NUMBER = 9;
/** Behind them numbers of 64 bits, by their places: requests, replies, inferred, packets and bytes; the first second and the last. */
export const SUMS = 5;
export const FIRST_SUM = 10;
export const LAST_SUM = 11;

/** Direction, protocol, port and family in one word, in this order: where each begins. */
export const INGRESS_BIT = 25;
export const PROTOCOL_BIT = 17;
export const PORT_BIT = 1;
export const SIX = 1;

/** Rows told at a time, all of one day: a row group of a Parquet file. */
export const GROUP_ROWS = 65_536;
