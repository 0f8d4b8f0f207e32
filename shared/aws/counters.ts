import { isoDay } from '../time.ts';
import { firstSamples, type CountedUsage } from '../usage/addition.ts';
import { addResolved } from '../usage/by-source.ts';
import { addUsage } from '../usage/merge.ts';
import { emptyUsage } from '../usage/usage.ts';
import { logHead } from './batch-log.ts';
import { historyOf, settledNights } from './settled-days.ts';
import { StreamedDays, type CountedPlace } from './streamed-days.ts';

/**
 * All that was counted in a deployment: of a settled day what its night says, of any other what was streamed until now.
 *
 * @param onLost hears of a settled day (`2026-01-31`) that is left out since what its night said cannot be read
 */
export async function readCounters(
  place: CountedPlace,
  onLost: (day: string, error: unknown) => void,
): Promise<CountedUsage> {
  const { client, tables, bucket } = place;
  const usage = emptyUsage();
  let malformedSamples: CountedUsage['malformedSamples'] = [];
  const { objects } = await logHead(client, tables.state);
  const nights = await settledNights(client, tables.state);
  for (const [day, { run }] of nights) {
    const history = await historyOf(bucket, day, run).catch((error: unknown) => onLost(day, error));
    if (history) addUsage(usage, history.usage);
  }
  for await (const { days } of new StreamedDays(place).all((day) => nights.has(isoDay(day)))) {
    for (const { sources, malformedSamples: more } of days.values()) {
      addResolved(usage, sources);
      malformedSamples = firstSamples([...malformedSamples, ...more]);
    }
  }
  return { usage, objects, malformedSamples };
}
