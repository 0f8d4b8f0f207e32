import type { CountedUsage } from '../../../shared/tables/usage-items.ts';
import type { Addition } from '../../../shared/usage/addition.ts';

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

/** What a store knows of an object. */
export interface KnownObject extends ObjectNote {
  /** What it adds is not all added yet: another worker is at it, or died at it and somebody will finish. */
  readonly open: boolean;
}

/** All that was counted. */
export interface Counters extends CountedUsage {
  /** Objects that are noted, and whose sums are only partly in here. */
  readonly openObjects: number;
}

/** Where counters live. Several workers may use one store at a time. */
export interface UsageStore {
  /**
   * Either adds everything, notes the objects with it and returns none; or adds nothing and returns those of the objects
   * that are noted. If it throws, or never returns, nobody knows which: call it again with the same objects.
   */
  addOnce(objects: readonly ObjectNote[], addition: Addition): Promise<readonly KnownObject[]>;
  /** The note of an object that was counted, or is being counted. */
  counted(name: ObjectName): Promise<KnownObject | undefined>;
  /** The sums of whole additions as of one moment, but for those of `openObjects`. */
  read(): Promise<Counters>;
}
