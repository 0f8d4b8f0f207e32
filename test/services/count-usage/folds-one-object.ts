/**
 * A process of its own that folds one object from S3 and prints what that took:
 * `node folds-one-object.ts ENDPOINT BYTES`. The inventory has one rule that admits everything.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { foldObject } from '../../../services/count-usage/fold-object.ts';
import { logObject } from '../../../services/count-usage/s3-adapter.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { BED_CREDENTIALS, BED_REGION } from '../../beds/bed-environment.ts';
import { INVENTORY } from '../command-line/small-account.ts';
import { peakMegabytes } from '../../peak-memory.ts';

export interface Took {
  readonly records: number;
  readonly seconds: number;
  /** Of the whole process, at its worst. */
  readonly rssMegabytes: number;
  readonly heapMegabytes: number;
}

const MEGABYTE = 1e6;

async function fold(endpoint: string, size: number): Promise<Took> {
  const client = new S3Client({ endpoint, region: BED_REGION, credentials: BED_CREDENTIALS });
  const files: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(INVENTORY)) files[path.replace('inventory/', '')] = value;
  const compiled = new CompiledInventory(inventoryOfFiles(files));
  const object = logObject(client, {
    bucket: 'logs',
    key: 'large.log.gz',
    etag: 'e',
    size,
    eventTime: 0,
    sequencer: '',
    name: 's3://logs/large.log.gz',
    day: 20_466,
    flowLogId: 'fl-0a',
  });
  let heap = 0;
  const look = () => (heap = Math.max(heap, process.memoryUsage().heapUsed));
  let records = 0;
  const started = performance.now();
  const folded = await foldObject(
    {
      ...object,
      read: (sink) =>
        object.read({
          record: (record, line) => {
            if (records++ % 10_000 === 0) look();
            sink.record(record, line);
          },
          malformed: (line, reason) => sink.malformed(line, reason),
        }),
    },
    {
      mostDays: Infinity,
      of: () => compiled,
      load: () => Promise.resolve(),
      takenFor: () => [],
      lookUpMissing: () => Promise.resolve(false),
    },
  );
  const seconds = (performance.now() - started) / 1000;
  client.destroy();
  const rssMegabytes = (peakMegabytes() * 2 ** 20) / MEGABYTE;
  return { records: folded.records, seconds, rssMegabytes, heapMegabytes: heap / MEGABYTE };
}

const [endpoint, size] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await fold(endpoint!, Number(size))));
