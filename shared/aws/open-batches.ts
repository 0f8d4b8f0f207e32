import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLE_KEYS } from '../names.ts';
import type { Item } from '../tables/row-update.ts';
import { queried } from './table.ts';

/** A batch of objects whose additions were written down. */
export interface Batch {
  readonly id: string;
  /** The first chunk that is not added yet; `chunks` where all are. */
  readonly next: number;
  readonly chunks: number;
  /** UNIX milliseconds until which its worker may be at it. */
  readonly lease: number;
}

const { partition: ID, index = { name: '', partition: '' } } = TABLE_KEYS.state;
/** In the state table, the key of a batch begins with it. */
export const BATCH = 'batch#';
/** What the index of the state table says of a batch that is open. */
export const OPEN = 'yes';

/** The batches that are open, the oldest first, and how many objects each has. May be some moments behind. */
export async function* openBatches(
  client: DynamoDBClient,
  stateTable: string,
): AsyncGenerator<Batch & { readonly objects: number }> {
  const query = { table: stateTable, index: index.name, partition: [index.partition, OPEN] } as const;
  for await (const item of queried(client, query)) {
    yield { ...batchOf(item[ID]!.S!.slice(BATCH.length), item), objects: Number(item.objects?.N) };
  }
}

export function batchOf(id: string, item: Item): Batch {
  return { id, next: Number(item.next?.N), chunks: Number(item.chunks?.N), lease: Number(item.lease?.N) };
}
