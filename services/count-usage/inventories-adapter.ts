import { InterfaceObservations } from '../../shared/aws/interface-observations.ts';
import { nameByContent } from '../../shared/aws/data-bucket.ts';
import { RecalledAccount } from '../../shared/aws/recalled-account.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import type { CountedPlace } from '../../shared/aws/streamed-days.ts';
import { InterfaceFinder } from './find-interfaces.ts';
import { interfaceDescriber } from './find-interfaces-adapter.ts';
import { DayInventories } from './day-inventories.ts';

/**
 * The inventories in force, from the snapshots that snapshot-groups keeps.
 *
 * @param onFailure EC2 did not say who these interfaces are, so many of them
 * @param onUnread what the account remembers is not used: counting goes on without
 */
export function dayInventories(
  { client, tables, bucket }: CountedPlace,
  onFailure: (error: unknown, interfaces: number) => void,
  onUnread: (error: unknown, past: string) => void = () => undefined,
): DayInventories {
  const index = new SnapshotIndex(client, tables.state);
  const archive = new SnapshotArchive(index, bucket);
  const observations = new InterfaceObservations(client, tables.state);
  const account = new RecalledAccount(client, tables.state, bucket);
  const now = (): number => Date.now();
  const finder = new InterfaceFinder({ describe: interfaceDescriber(), onFailure, now });
  return new DayInventories(
    {
      newest: () => index.newest(),
      inForce: async (day) => (await index.inForce(day)).references,
      newestPast: () => account.newestKey(),
      past: async (name, day) => {
        const recalled = await account.readIfAny(name, (error) => onUnread(error, name));
        const past = recalled?.days.of(day);
        // What stood on a day may be the longest of names.
        return past && { name: nameByContent(past.key), on: (moment) => past.on(moment) };
      },
      union: (day, references) => archive.union(day, references),
      observed: (day) => observations.of(day),
      observe: (day, found) => observations.add(day, found, now() / 1000),
    },
    finder,
    now,
  );
}
