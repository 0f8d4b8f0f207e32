import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TableNames } from '../names.ts';
import { isoDay } from '../time.ts';
import { firstSamples, type CountedUsage } from '../usage/addition.ts';
import { addResolved } from '../usage/by-source.ts';
import { addUsage } from '../usage/merge.ts';
import { emptyUsage } from '../usage/usage.ts';
import { logHead } from './batch-log.ts';
import type { DataBucket } from './data-bucket.ts';
import { historyOf, settledNights } from './settled-days.ts';
import { StreamedDays } from './streamed-days.ts';

export interface CountersPlace {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  readonly bucket: DataBucket;
}

/**
 * All that was counted in a deployment: of a settled day what its night says, of any other what was streamed until now.
 *
 * @param onLost hears of a settled day (`2026-01-31`) that is left out since what its night said cannot be read
 */
export async function readCounters(
  { client, tables, bucket }: CountersPlace,
  onLost: (day: string, error: unknown) => void,
): Promise<CountedUsage> {
  const usage = emptyUsage();
  let malformedSamples: CountedUsage['malformedSamples'] = [];
  const { objects } = await logHead(client, tables.state);
  const nights = await settledNights(client, tables.state);
  for (const [day, { run }] of nights) {
    const history = await historyOf(bucket, day, run).catch((error: unknown) => onLost(day, error));
    if (history) addUsage(usage, history.usage);
  }
  const streamed = new StreamedDays({ client, stateTable: tables.state, bucket });
  for await (const { days } of streamed.all((day) => nights.has(isoDay(day)))) {
    for (const { sources, malformedSamples: more } of days.values()) {
      addResolved(usage, sources);
      malformedSamples = firstSamples([...malformedSamples, ...more]);
    }
  }
  return { usage, objects, malformedSamples };
}
