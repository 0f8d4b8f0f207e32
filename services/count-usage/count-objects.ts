import { Attribution } from '../../shared/attribution/attribution.ts';
import type { RecordSink } from '../../shared/flowlogs/record.ts';
import type { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import type { MalformedSample } from '../../shared/reports/usage-report.ts';
import { emptyUsage, type Usage } from '../../shared/usage/usage.ts';
import { lanesOf, type Lane, type Source } from './source.ts';
import { MALFORMED_KEPT, mergeAdditions, type Addition } from './usage-store.ts';
import type { ObjectName, ObjectNote, UsageStore } from './usage-store.ts';

/** A flow log that lies somewhere and may be counted. */
export interface LogObject {
  readonly note: ObjectNote;
  /** Hands on every record. Fails if not all of them could be read, or if it is no longer what the note says. */
  read(sink: RecordSink): Promise<void>;
}

export interface CountPorts {
  readonly store: UsageStore;
  readonly compiled: CompiledInventory;
}

export interface Outcome {
  /** Counted by this call. */
  readonly counted: readonly ObjectName[];
  /** Counted before, by whomever. */
  readonly before: readonly ObjectName[];
  readonly failed: readonly { readonly name: ObjectName; readonly error: unknown }[];
  /** Records of those counted by this call, unreadable ones too. */
  readonly records: number;
  /** Commits that were called off because another worker had counted some of the objects meanwhile. */
  readonly conflicts: number;
}

interface Folded {
  readonly note: ObjectNote;
  readonly addition: Addition;
  readonly records: number;
}

/**
 * Counts objects, each exactly once, however often and by however many workers this is called. What if it dies?
 * Nothing is told to anybody before `addOnce`, and that is one commit: see the lines.
 */
export async function countObjects(objects: readonly LogObject[], ports: CountPorts): Promise<Outcome> {
  const before: ObjectName[] = [];
  const failed: { name: ObjectName; error: unknown }[] = [];
  let folded: Folded[] = [];
  // A queue may name one object twice in one batch.
  const distinct = new Map(objects.map((object) => [object.note.name, object]));
  for (const [name, object] of distinct) {
    // Saves the reading, no more: the answer may be out of date by the next line, and addOnce asks again.
    if (await ports.store.counted(name)) {
      before.push(name);
      continue;
    }
    // Dies here: the sums are in memory alone and no note was made. Whoever finds the object next reads it anew.
    try {
      folded.push(await fold(object, ports.compiled));
    } catch (error) {
      // Half an object was read: its sums go with it, and those of the others never met them.
      failed.push({ name, error });
    }
  }

  let conflicts = 0;
  while (folded.length > 0) {
    // Made from the parts in every round: sums of a round that was called off are in nothing that is added later.
    const merged = mergeAdditions(folded.map(({ addition }) => addition));
    // Dies in here before the commit: as above. After it: sums and notes are in the store together, and the objects,
    // found again because nobody learned of it, come back as counted. There is no moment between the two.
    const taken = new Set(
      await ports.store.addOnce(
        folded.map(({ note }) => note),
        merged,
      ),
    );
    // Dies here, or anywhere below: the store holds all there is to know.
    if (taken.size === 0) break;
    // Nothing was added. A note is never taken back, so each round has fewer objects than the one before.
    conflicts++;
    before.push(...taken);
    folded = folded.filter(({ note }) => !taken.has(note.name));
  }
  const counted = folded.map(({ note }) => note.name);
  return { counted, before, failed, records: folded.reduce((sum, { records }) => sum + records, 0), conflicts };
}

async function fold(object: LogObject, compiled: CompiledInventory): Promise<Folded> {
  const { name, flowLogId } = object.note;
  const bySource = new Map<Source, Usage>();
  const attributions = new Map<Source, Attribution>();
  const malformedSamples: MalformedSample[] = [];
  const lanes = lanesOf(compiled, flowLogId);
  let records = 0;
  const attributionOf = ({ source }: Lane): Attribution => {
    let attribution = attributions.get(source);
    if (!attribution) {
      const usage = emptyUsage();
      bySource.set(source, usage);
      attributions.set(source, (attribution = new Attribution(compiled, usage)));
    }
    return attribution;
  };
  await object.read({
    record: (record) => {
      records++;
      for (const lane of lanes(record)) attributionOf(lane).add(record, lane.origin);
    },
    malformed: (line, reason) => {
      records++;
      attributionOf(lanes()[0]).malformed();
      if (malformedSamples.length < MALFORMED_KEPT) malformedSamples.push({ file: name, line, reason });
    },
  });
  for (const attribution of attributions.values()) attribution.finish();
  return { note: object.note, addition: { bySource, malformedSamples }, records };
}
