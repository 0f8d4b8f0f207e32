import type { FlowListener } from '../../../../shared/attribution/attribution.ts';
import type { EvidenceWriter } from '../../../../services/command-line/evidence/evidence-writer.ts';
import { countFiles } from '../files/counted-files.ts';
import type { LogFile } from '../../../../services/command-line/files/log-files.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';

/** Keeps the evidence of files as `analyze` does. */
export async function keepEvidence(
  writer: EvidenceWriter,
  files: readonly LogFile[],
  inventory: Inventory,
): Promise<void> {
  const { isCounted } = await countFiles(files, inventory, (source) => writer.hear(source));
  writer.settle(isCounted);
  await writer.publish('all');
}

/** The same, but each service flow comes in two pieces, as where sums were written out in between: requests, and later replies. */
export async function keepInPieces(
  writer: EvidenceWriter,
  files: readonly LogFile[],
  inventory: Inventory,
): Promise<void> {
  const later: (() => void)[] = [];
  const { isCounted } = await countFiles(files, inventory, (source): FlowListener => {
    const hear = writer.hear(source);
    return (told, ...of) => {
      // What is told is valid during the call only.
      const flow = { ...told, peer: { ...told.peer } };
      hear({ ...flow, replies: 0, bytes: 0 }, ...of);
      later.push(() => hear({ ...flow, requests: 0, inferred: 0, packets: 0 }, ...of));
    };
  });
  for (const piece of later) piece();
  writer.settle(isCounted);
  await writer.publish('all');
}
