import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { nightOf, type Source } from '../attribution/source.ts';

/** In the state table, by day: which run speaks for it. */
export const SETTLED = 'day';

/** By day (`2026-01-31`), the source under which the night's figures of a settled day are. */
export async function settledDays(client: DynamoDBClient, stateTable: string): Promise<Map<string, Source>> {
  const found = new Map<string, Source>();
  const query = {
    TableName: stateTable,
    KeyConditionExpression: '#id = :id',
    ProjectionExpression: '#at, #run',
    ExpressionAttributeNames: { '#id': 'id', '#at': 'at', '#run': 'run' },
    ExpressionAttributeValues: { ':id': { S: SETTLED } },
    ConsistentRead: true,
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) {
    for (const { at, run } of Items) found.set(at!.S!, nightOf(run!.S!));
  }
  return found;
}
