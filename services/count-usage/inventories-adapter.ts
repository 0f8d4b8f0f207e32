import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DataBucket } from '../../shared/aws/data-bucket.ts';
import { InterfaceObservations } from '../../shared/aws/interface-observations.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { InterfaceFinder } from './find-interfaces.ts';
import { interfaceDescriber } from './find-interfaces-adapter.ts';
import { DayInventories } from './day-inventories.ts';

export interface InventoriesOptions {
  readonly dynamo: DynamoDBClient;
  readonly stateTable: string;
  readonly bucket: DataBucket;
  /** EC2 did not say who these interfaces are, so many of them. */
  readonly onLookupFailure: (error: unknown, interfaces: number) => void;
}

/** The inventories in force, from the snapshots that snapshot-groups keeps. */
export function dayInventories(options: InventoriesOptions): DayInventories {
  const { dynamo, stateTable, bucket } = options;
  const index = new SnapshotIndex(dynamo, stateTable);
  const archive = new SnapshotArchive(index, bucket);
  const observations = new InterfaceObservations(dynamo, stateTable);
  const now = (): number => Date.now();
  const finder = new InterfaceFinder({ describe: interfaceDescriber(), onFailure: options.onLookupFailure, now });
  return new DayInventories(
    {
      newest: () => index.newest(),
      inForce: async (day) => (await index.inForce(day)).references,
      union: (day, references) => archive.union(day, references),
      observed: (day) => observations.of(day),
      observe: (day, found) => observations.add(day, found, now() / 1000),
    },
    finder,
    now,
  );
}
