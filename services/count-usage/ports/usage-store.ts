import type { Addition, CountedUsage } from '../../../shared/usage/addition.ts';

/** What an object is: the name that AWS gave it, or else its path; bucket and key. Written twice, it is the same object. */
export type ObjectName = string;

/** That an object was counted. */
export interface ObjectNote {
  readonly name: ObjectName;
  /** Tells one content under this name from another: size, time and digest of a file, or an ETag. Nothing reads it here. */
  readonly version: string;
  /** The flow log it was delivered for; undefined where its name does not say. */
  readonly flowLogId: string | undefined;
}

/**
 * Objects of one addition at most: a transaction of DynamoDB takes 100 items, and the log itself needs one, and one for
 * each 99 days. That is two, unless objects hold what AWS does not deliver.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export const OBJECTS_AT_ONCE = 90;

/** Where counters live. Several workers may use one store at a time. */
export interface UsageStore {
  /**
   * Either adds everything, notes the objects with it and returns none; or adds nothing and returns those of the objects
   * that are noted. At most {@link OBJECTS_AT_ONCE}. If it throws, or never returns, nobody knows which: call it again with the same objects.
   */
  addOnce(objects: readonly ObjectNote[], addition: Addition): Promise<readonly ObjectNote[]>;
  /** The note of an object that was counted. */
  counted(name: ObjectName): Promise<ObjectNote | undefined>;
  /** The sums of whole additions, of all that were made before it was called. */
  read(): Promise<CountedUsage>;
}
