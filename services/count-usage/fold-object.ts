import { Attribution, type RecordOrigin } from '../../shared/attribution/attribution.ts';
import { flowLogFileName, type FlowLogFileName } from '../../shared/flowlogs/file-name.ts';
import type { FlowRecord, RecordSink } from '../../shared/flowlogs/record.ts';
import type { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import type { MalformedSample } from '../../shared/flowlogs/malformed.ts';
import { countingContexts, type CountingContext } from '../../shared/attribution/counting-contexts.ts';
import { UsageBySource } from '../../shared/usage/by-source.ts';
import { STREAM } from '../../shared/usage/source.ts';
import { noteFileIn } from '../../shared/usage/usage.ts';
import { MALFORMED_KEPT, rulesNamed, type Addition, type RuleFacts } from '../../shared/usage/addition.ts';
import type { ObjectNote } from './ports/usage-store.ts';
import { dayOf, type Day } from '../../shared/time.ts';

/** A flow log that lies somewhere and may be counted. */
export interface LogObject {
  readonly note: ObjectNote;
  /** The day to which its unreadable lines belong: that of its name. */
  readonly day: Day;
  /** Hands on every record. Fails if not all of them could be read, or if it is no longer what the note says. */
  read(sink: RecordSink): Promise<void>;
}

/** The rules and interfaces in force, by UTC day. */
export interface Inventories {
  /** Undefined where it is not at hand: then `load` it. */
  of(day: Day): CompiledInventory | undefined;
  load(day: Day): Promise<void>;
  /** When the snapshots were taken that `of` is made of, in order. */
  takenFor(day: Day): readonly string[];
  /** Looks for interfaces that the inventory of the day lacks. True if some were found: it has them from now on. */
  lookUpMissing(day: Day, interfaceIds: readonly string[]): Promise<boolean>;
}

/** What one object adds, before anything is stored. */
export interface Folded {
  readonly note: ObjectNote;
  readonly addition: Addition;
  /** Unreadable ones too. */
  readonly records: number;
}

/**
 * Adds up the records of one object, each against the inventory of its day.
 *
 * @throws what `object.read` throws; nothing is left behind
 */
export async function foldObject(object: LogObject, inventories: Inventories): Promise<Folded> {
  if (!inventories.of(object.day)) await inventories.load(object.day);
  for (;;) {
    const fold = new Fold(object, inventories);
    try {
      await object.read(fold);
      return fold.finish();
    } catch (error) {
      // Reading hands records on without waiting, so a day that is missing is fetched and the object begun anew. It
      // is rare: an object holds records of the day of its name, and about midnight of the day before.
      if (fold.missingDay === undefined) throw error;
      await inventories.load(fold.missingDay);
    }
  }
}

class Fold implements RecordSink {
  missingDay: Day | undefined;
  readonly #object: LogObject;
  readonly #inventories: Inventories;
  readonly #days = new Map<Day, FoldedDay>();
  #last: FoldedDay | undefined;
  #records = 0;

  constructor(object: LogObject, inventories: Inventories) {
    this.#object = object;
    this.#inventories = inventories;
  }

  record(record: FlowRecord): void {
    this.#records++;
    this.#on(dayOf(record.end)).add(record);
  }

  malformed(line: number, reason: string): void {
    this.#records++;
    this.#on(this.#object.day).malformed({ file: this.#object.note.name, line, reason });
  }

  #on(day: Day): FoldedDay {
    if (this.#last?.day === day) return this.#last;
    let folded = this.#days.get(day);
    if (!folded) {
      const compiled = this.#inventories.of(day);
      if (!compiled) {
        this.missingDay = day;
        throw new Error('the inventory of this day is not at hand');
      }
      this.#days.set(
        day,
        (folded = new FoldedDay(day, compiled, this.#inventories.takenFor(day), originOf(this.#object.note))),
      );
    }
    return (this.#last = folded);
  }

  finish(): Folded {
    const named = flowLogFileName(this.#object.note.name);
    if (named && this.#records > 0) this.#on(named.day).noteFile(named);
    const rules = new Map<string, RuleFacts>();
    for (const folded of this.#days.values()) folded.finish(rules);
    return { note: this.#object.note, addition: { days: this.#days, rules }, records: this.#records };
  }
}

type FileOrigin = Omit<RecordOrigin, 'isDuplicate'>;

function originOf({ name, flowLogId }: ObjectNote): FileOrigin {
  return { flowLogId, accountId: flowLogFileName(name)?.accountId };
}

class FoldedDay {
  readonly day: Day;
  readonly sources = new UsageBySource();
  readonly malformedSamples: MalformedSample[] = [];
  readonly snapshots: readonly string[];
  readonly #compiled: CompiledInventory;
  readonly #attributions = new Map<CountingContext, Attribution>();
  readonly #contexts;

  constructor(day: Day, compiled: CompiledInventory, snapshots: readonly string[], file: FileOrigin) {
    this.day = day;
    this.snapshots = snapshots;
    this.#compiled = compiled;
    this.#contexts = countingContexts(compiled, file);
  }

  add(record: FlowRecord): void {
    for (const context of this.#contexts(record)) this.#attributionOf(context).add(record, context.origin);
  }

  malformed(sample: MalformedSample): void {
    const context = this.#contexts()[0];
    this.#attributionOf(context).malformed(context.origin, this.day);
    if (this.malformedSamples.length < MALFORMED_KEPT) this.malformedSamples.push(sample);
  }

  noteFile(named: FlowLogFileName): void {
    noteFileIn(this.sources.of(STREAM).logs, named);
  }

  finish(rules: Map<string, RuleFacts>): void {
    for (const attribution of this.#attributions.values()) attribution.finish();
    for (const usage of this.sources.usages()) {
      for (const [id, facts] of rulesNamed(usage, this.#compiled.inventory.rules)) rules.set(id, facts);
    }
  }

  #attributionOf(context: CountingContext): Attribution {
    let attribution = this.#attributions.get(context);
    if (!attribution) {
      attribution = new Attribution(this.#compiled, this.sources.of(context.source));
      this.#attributions.set(context, attribution);
    }
    return attribution;
  }
}
