import { formatAddress } from '../../../shared/addresses/address.ts';
import type { FoldedRow } from '../../../shared/flowlogs/folded-record.ts';

/** The row as the query of the night has it. */
export function withTexts(row: FoldedRow): FoldedRow<string> {
  const text = (cell: FoldedRow['srcaddr']): string | null =>
    typeof cell === 'object' && cell !== null ? formatAddress(cell) : cell;
  const { srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr } = row;
  return {
    ...row,
    srcaddr: text(srcaddr),
    dstaddr: text(dstaddr),
    pkt_srcaddr: text(pkt_srcaddr),
    pkt_dstaddr: text(pkt_dstaddr),
  };
}
