import { Attribution, type FlowListener } from '../../../shared/attribution/attribution.ts';
import { readParquet } from '../../../shared/flowlogs/read-parquet.ts';
import { readText, type Chunks } from '../../../shared/flowlogs/read-text.ts';
import type { RecordSink } from '../../../shared/flowlogs/record.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { emptyUsage, type Usage } from '../../../shared/usage/usage.ts';
import type { LogFile } from './log-files.ts';
import { namedError } from './named-error.ts';
import type { Progress } from '../terminal/progress.ts';
import { flowLogFileName, flowLogIdOf } from '../../../shared/flowlogs/file-name.ts';
import type { MalformedSample } from '../../../shared/flowlogs/malformed.ts';

const MALFORMED_KEPT = 20;

export interface CountedFiles {
  readonly usage: Usage;
  /** The first few, by the order of the files. */
  readonly malformedSamples: readonly MalformedSample[];
  /** Files that held no record at all, not even an unreadable one. */
  readonly emptyFiles: readonly string[];
}

/**
 * Counts every record of every file against one inventory. All or nothing: the first file that cannot be read fails
 * the whole count, since rules used in it alone would look unused.
 *
 * @param onFlow hears of every record that was read as request or reply
 * @throws Error whose message names file and cause
 */
export async function countFiles(
  files: readonly LogFile[],
  inventory: Inventory,
  progress: Progress,
  onFlow?: FlowListener,
): Promise<CountedFiles> {
  const usage = emptyUsage();
  const attribution = new Attribution(new CompiledInventory(inventory), usage, onFlow);
  const malformedSamples: MalformedSample[] = [];
  const emptyFiles: string[] = [];
  const delivered = new Set(files.flatMap(({ name }) => flowLogIdOf(name) ?? []));
  let bytes = 0;
  let records = 0;
  for (const file of files) {
    const accountId = flowLogFileName(file.name)?.accountId;
    const origin = { flowLogId: flowLogIdOf(file.name), accountId, delivered };
    const before = records;
    const sink: RecordSink = {
      record: (record) => {
        records++;
        attribution.add(record, origin);
      },
      malformed: (line, reason) => {
        records++;
        attribution.malformed(origin, flowLogFileName(file.name)?.day);
        if (malformedSamples.length < MALFORMED_KEPT) malformedSamples.push({ file: file.name, line, reason });
      },
    };
    const metered = async function* (): Chunks {
      for await (const chunk of file.chunks()) {
        yield chunk;
        bytes += chunk.length;
        progress.update(bytes, records);
      }
    };
    try {
      if (file.isParquet) await file.withBuffer((buffer) => readParquet(buffer, sink));
      else await readText(metered(), sink);
    } catch (error) {
      throw namedError(file.name, error);
    }
    if (file.isParquet) progress.update((bytes += file.size), records);
    if (records === before) emptyFiles.push(file.name);
  }
  attribution.finish();
  return { usage, malformedSamples, emptyFiles };
}
