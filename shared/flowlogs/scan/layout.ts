/**
 * Where the scanner (`scan.as.ts`, AssemblyScript) leaves what it read, for `scanner.ts`: both are compiled with this file.
 * A row is one record, in slots of 32 bits.
 */

/** Bytes of text that lie in the scanner at a time: a line that has no room there is read slowly, or is too long. */
export const TEXT_BYTES = 65_536;
/** Records that are read in one go. */
export const MAX_ROWS = 256;
/** Ids that are known at a time; the first stands for none. */
export const MAX_IDS = 16_384;
/** A longer id is read slowly; those of AWS have at most 21 characters. */
export const ID_BYTES = 32;
/** As the slow reader has it. */
export const MAX_COLUMNS = 256;

/** Why a scan ended, in `WHY`: no room for another row, */
export const ROWS_FULL = 0;
/** no room for another id, */
export const IDS_FULL = 1;
/** the text, */
export const TEXT_ENDS = 2;
/** or a line for the slow reader. */
export const ODD_LINE = 3;

/** Places in `COLUMNS` of the columns of a file, -1 where it has none. */
export const INTERFACE_ID_COLUMN = 0;
export const SRCADDR_COLUMN = 1;
export const DSTADDR_COLUMN = 2;
export const SRCPORT_COLUMN = 3;
export const DSTPORT_COLUMN = 4;
export const PROTOCOL_COLUMN = 5;
export const PACKETS_COLUMN = 6;
export const BYTES_COLUMN = 7;
export const START_COLUMN = 8;
export const END_COLUMN = 9;
export const ACTION_COLUMN = 10;
export const LOG_STATUS_COLUMN = 11;
export const FLOW_DIRECTION_COLUMN = 12;
export const TCP_FLAGS_COLUMN = 13;
export const PKT_SRCADDR_COLUMN = 14;
export const PKT_DSTADDR_COLUMN = 15;
export const REJECT_REASON_COLUMN = 16;
export const VPC_ID_COLUMN = 17;
export const ACCOUNT_ID_COLUMN = 18;
export const RESOURCE_ID_COLUMN = 19;

/** Slots of a row. */
export const STATUS = 0;
export const INTERFACE_ID = 1;
export const VPC_ID = 2;
export const ACCOUNT_ID = 3;
export const RESOURCE_ID = 4;
export const ACCEPTED = 5;
export const PROTOCOL = 6;
export const SOURCE_PORT = 7;
export const DESTINATION_PORT = 8;
export const TCP_FLAGS = 9;
export const DIRECTION = 10;
export const REJECT_REASON = 11;
/** Two slots each, as one number of 64 bits. */
export const PACKETS = 12;
export const BYTES = 14;
export const START = 16;
export const END = 18;
/** Five slots each: family and four words. */
export const SOURCE = 20;
export const DESTINATION = 25;
export const PACKET_SOURCE = 30;
export const PACKET_DESTINATION = 35;
export const ROW_SLOTS = 40;
