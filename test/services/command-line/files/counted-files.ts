/** Counts files in one thread, and decides what counts. */
import type { FlowListener } from '../../../../shared/attribution/attribution.ts';
import {
  countInTurn,
  inReadingOrder,
  matchedAgainst,
  type FileFindings,
} from '../../../../services/command-line/files/count-files.ts';
import { decideDays } from '../../../../services/command-line/files/day-counts.ts';
import type { LogFile } from '../../../../services/command-line/files/log-files.ts';
import type { InventoryHistory } from '../../../../shared/history/inventory-history.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import type { Day } from '../../../../shared/time.ts';
import type { Source } from '../../../../shared/usage/source.ts';
import type { Usage } from '../../../../shared/usage/usage.ts';

export interface CountedFiles extends FileFindings {
  readonly usage: Usage;
  readonly isCounted: (day: Day, source: Source) => boolean;
}

export async function countFiles(
  files: readonly LogFile[],
  against: Inventory | InventoryHistory,
  onFlow?: (source: Source) => FlowListener,
): Promise<CountedFiles> {
  const compiledOn = matchedAgainst(against, files);
  const { findings, days } = await countInTurn(inReadingOrder(files), compiledOn, { update: () => {} }, onFlow);
  return { ...findings, isCounted: decideDays(days), usage: days.usage };
}
