import type { Publication } from '../../shared/aws/snapshot-archive.ts';
import type { SnapshotEntry } from '../../shared/aws/snapshot-index.ts';
import { type AccountRegion, readSnapshot, snapshotText } from '../../shared/inventory/snapshot-file.ts';
import { type Account, readAccount } from './read-account.ts';
import { type RuleItem, type RuleChange, rulesDataChanges } from './rules-data.ts';

export interface PublishPorts {
  readonly account: Account;
  /** Makes the document the newest snapshot, or notes that the newest is still true. */
  readonly publish: (document: string, takenAt: Date) => Promise<Publication>;
  /** Writes what all snapshots of its day up to this one say together. */
  readonly writeUnion: (entry: SnapshotEntry) => Promise<void>;
  readonly rules: RulesDataTable;
  readonly now: () => Date;
  readonly report: (figures: SnapshotFigures) => void;
}

export interface RulesDataTable {
  known(): Promise<readonly RuleItem[]>;
  /**
   * Writes the changes, and notes that the table is up to the snapshot; but nothing more from the moment on at which
   * another run has published a later reading. False if that came first.
   */
  writeWhileNewest(changes: readonly RuleChange[], entry: SnapshotEntry, seenAt: Date): Promise<boolean>;
}

export interface SnapshotFigures {
  readonly outcome: Publication['outcome'];
  readonly groups: number;
  readonly rules: number;
  readonly interfaces: number;
  /** Items written to the table of rules; undefined if it was not looked at. */
  readonly rulesWritten: number | undefined;
  /** What stays unknown, one line each, for a person to read. */
  readonly problems: readonly string[];
}

/** Where the newest snapshot is. */
export interface Published {
  readonly takenAt: string;
  readonly key: string;
  readonly hash: string;
  /** It is this reading's, and was not there before. */
  readonly changed: boolean;
}

/**
 * Reads the account, all or nothing, and makes what AWS described the newest snapshot. Then brings the table of rules up
 * to it: if it changed, if that was never finished, and once a day, so that `last_seen` is true to the day. A run on an
 * unchanged account thus writes one attribute of one item.
 *
 * Dies anywhere: what was published stands, the table of rules may be behind, and the next run goes on from there.
 */
export async function publishSnapshot(place: AccountRegion, ports: PublishPorts): Promise<Published> {
  const seenAt = ports.now();
  const snapshot = await readAccount(ports.account);
  const document = snapshotText(place, snapshot);
  // What cannot be read again must not become a snapshot.
  const { inventory } = readSnapshot(document, 'what AWS described');
  const { outcome, entry } = await ports.publish(document, seenAt);

  let changes: RuleChange[] | undefined;
  if (outcome !== 'overtaken' && isDue(entry, seenAt)) {
    const times = { takenAt: secondsOf(new Date(entry.takenAt)), seenAt: secondsOf(seenAt) };
    changes = rulesDataChanges(await ports.rules.known(), inventory, place, times);
    await ports.rules.writeWhileNewest(changes, entry, seenAt);
  }

  // Last: where it takes too much time or memory, all else is done, and readers put it together from the snapshots.
  const problem = outcome === 'new' ? await ports.writeUnion(entry).then(() => undefined, unwritten) : undefined;

  const { groups, rules, interfaces } = snapshot;
  const problems = problem === undefined ? snapshot.problems : [...snapshot.problems, problem];
  const sizes = { groups: groups.length, rules: rules.length, interfaces: interfaces.length };
  ports.report({ outcome, ...sizes, rulesWritten: changes?.length, problems });
  return { takenAt: entry.takenAt, key: entry.key, hash: entry.hash, changed: outcome === 'new' };
}

function unwritten(error: unknown): string {
  return `what the snapshots of the day say together was not written: ${error instanceof Error ? error.message : String(error)}`;
}

function isDue({ rulesWrittenAt }: SnapshotEntry, seenAt: Date): boolean {
  return rulesWrittenAt === undefined || rulesWrittenAt.slice(0, 10) < seenAt.toISOString().slice(0, 10);
}

function secondsOf(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
