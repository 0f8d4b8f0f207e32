import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { evidenceFlows } from '../evidence/evidence-file.ts';
import type { EvidenceSource } from '../evidence/evidence-source.ts';
import type { ServiceFlow } from '../evidence/service-flow.ts';
import type { DataBucket } from './data-bucket.ts';
import { settledNights } from './settled-days.ts';
import { type Day, dayFromIso } from '../time.ts';

/** Service flows of settled days: of each day the files of the run that counts for it, and no others. */
export function settledEvidence(
  client: DynamoDBClient,
  bucket: DataBucket,
  place: { state: string; name: string },
): EvidenceSource {
  const readKeys = async (): Promise<ReadonlyMap<Day, readonly string[]>> => {
    const settled = await settledNights(client, place.state);
    const days = [...settled].map(([day, { evidence }]): [Day, readonly string[]] => [dayFromIso(day)!, evidence]);
    return new Map(days.sort(([a], [b]) => a - b));
  };
  // Read once: what is told of days and of their flows belongs together.
  let known: ReturnType<typeof readKeys> | undefined;
  const keys = () => (known ??= readKeys());
  return {
    name: place.name,
    days: async () => [...(await keys()).keys()],
    /** @throws Error that names the object which cannot be read */
    async *flows(day: Day): AsyncIterable<ServiceFlow> {
      for (const key of (await keys()).get(day) ?? []) {
        try {
          yield* evidenceFlows(await bucket.buffer(key));
        } catch (error) {
          throw new Error(`s3://${bucket.name}/${key}: cannot be read`, { cause: error });
        }
      }
    },
  };
}
