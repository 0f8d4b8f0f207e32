import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { Settled } from '../usage/settled.ts';

/** In the state table, by day: which run speaks for it. */
export const SETTLED = 'day';

/** By day (`2026-01-31`), the run that speaks for it. */
export async function settledNights(client: DynamoDBClient, stateTable: string): Promise<Map<string, Settled>> {
  const found = new Map<string, Settled>();
  const query = {
    TableName: stateTable,
    KeyConditionExpression: '#id = :id',
    ProjectionExpression: '#at, #figures',
    ExpressionAttributeNames: { '#id': 'id', '#at': 'at', '#figures': 'figures' },
    ExpressionAttributeValues: { ':id': { S: SETTLED } },
    ConsistentRead: true,
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) {
    for (const { at, figures } of Items) found.set(at!.S!, JSON.parse(figures!.S!) as Settled);
  }
  return found;
}
