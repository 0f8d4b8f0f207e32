import { DayCount, type FileCount, type FileOrigin } from '../../shared/attribution/day-count.ts';
import { flowLogFileName, type FlowLogFileName } from '../../shared/flowlogs/file-name.ts';
import { endOf, type FlowRecord, type RecordSink, type ScannedRows } from '../../shared/flowlogs/record.ts';
import type { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import type { MalformedSample } from '../../shared/flowlogs/malformed.ts';
import type { Rule } from '../../shared/inventory/inventory.ts';
import { UsageBySource } from '../../shared/usage/by-source.ts';
import { STREAM } from '../../shared/usage/source.ts';
import { noteFileIn } from '../../shared/usage/usage.ts';
import {
  MALFORMED_KEPT,
  rulesNamed,
  type Addition,
  type DayAddition,
  type RuleFacts,
} from '../../shared/usage/addition.ts';
import type { ObjectNote } from './ports/usage-store.ts';
import { dayOf, isoDay, type Day } from '../../shared/time.ts';

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
  /** An object with records of more days is refused: each is held against an inventory of its own. */
  readonly mostDays: number;
  /** Undefined where it is not at hand: then `load` it. Days that were loaded last are, {@link DAYS_AT_HAND} at least. */
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

/** Whoever loads so many days has all of them at hand. */
export const DAYS_AT_HAND = 2;

/**
 * Adds up the records of one object, each against the inventory of its day. Reads it once where those of all its days are
 * at hand, else once more for every few days that have to be loaded.
 *
 * @param hasTime whether there is time to read it once more
 * @throws what `object.read` throws, or Error for records of too many days or for want of time; nothing is left behind
 */
export async function foldObject(
  object: LogObject,
  inventories: Inventories,
  hasTime: () => boolean = () => true,
): Promise<Folded> {
  const days = new Map<Day, DayAddition>();
  const rules = new Map<string, RuleFacts>();
  let records = 0;
  for (let wanted = [object.day]; wanted.length > 0;) {
    if (days.size > 0 && !hasTime()) {
      throw new Error(`no time was left to read it once more, for the records of ${wanted.map(isoDay).join(', ')}`);
    }
    for (const day of wanted) if (!inventories.of(day)) await inventories.load(day);
    const lacking = wanted.find((day) => !inventories.of(day));
    if (lacking !== undefined) throw new Error(`the inventory of ${isoDay(lacking)} is not at hand`);
    const fold = new Fold(object, inventories, days);
    await object.read(fold);
    fold.noteFile();
    // What is kept of a day names no inventory: these may go, however many there are.
    for (const folded of fold.days) days.set(folded.day, folded.finish(rules));
    records += fold.records;
    wanted = fold.left.slice(0, DAYS_AT_HAND);
  }
  return { note: object.note, addition: { days, rules }, records };
}

/** One reading of an object: the records of those days that are at hand, but for those of days that were read before. */
class Fold implements RecordSink {
  records = 0;
  readonly #object: LogObject;
  readonly #inventories: Inventories;
  readonly #before: ReadonlyMap<Day, unknown>;
  /** Undefined for days of which nothing is counted now. */
  readonly #days = new Map<Day, FoldedDay | undefined>();
  #last: { readonly day: Day; readonly folded: FoldedDay | undefined } | undefined;

  constructor(object: LogObject, inventories: Inventories, before: ReadonlyMap<Day, unknown>) {
    this.#object = object;
    this.#inventories = inventories;
    this.#before = before;
  }

  get days(): FoldedDay[] {
    return [...this.#days.values()].filter((folded) => folded !== undefined);
  }

  /** Days of which records were met whose inventory has to be loaded, the first one first. */
  get left(): Day[] {
    const left = [...this.#days].filter(([day, folded]) => !folded && !this.#before.has(day));
    return left.map(([day]) => day).sort((a, b) => a - b);
  }

  rows(rows: ScannedRows, from: number): number {
    const next = this.#on(dayOf(endOf(rows, from)))?.rows(rows, from) ?? from;
    this.records += next - from;
    return next;
  }

  record(record: FlowRecord): void {
    const folded = this.#on(dayOf(record.end));
    if (!folded) return;
    this.records++;
    folded.add(record);
  }

  malformed(line: number, reason: string): void {
    const folded = this.#on(this.#object.day);
    if (!folded) return;
    this.records++;
    folded.malformed({ file: this.#object.note.name, line, reason });
  }

  /** That the file was there, once it is known that it has a line. */
  noteFile(): void {
    const named = flowLogFileName(this.#object.note.name);
    if (named && this.#days.size > 0) this.#on(named.day)?.noteFile(named);
  }

  #on(day: Day): FoldedDay | undefined {
    if (this.#last?.day === day) return this.#last.folded;
    if (!this.#days.has(day)) this.#begin(day);
    this.#last = { day, folded: this.#days.get(day) };
    return this.#last.folded;
  }

  #begin(day: Day): void {
    const { mostDays } = this.#inventories;
    if (this.#days.size === mostDays) throw new Error(`records of more than ${String(mostDays)} days in one object`);
    const compiled = this.#before.has(day) ? undefined : this.#inventories.of(day);
    const { name, flowLogId } = this.#object.note;
    const origin = { flowLogId, accountId: flowLogFileName(name)?.accountId };
    this.#days.set(day, compiled && new FoldedDay(day, compiled, this.#inventories.takenFor(day), origin));
  }
}

class FoldedDay {
  readonly day: Day;
  readonly #sources = new UsageBySource();
  readonly #counted: DayCount;
  readonly #file: FileCount;
  readonly #malformedSamples: MalformedSample[] = [];
  readonly #snapshots: readonly string[];
  readonly #rules: readonly Rule[];

  constructor(day: Day, compiled: CompiledInventory, snapshots: readonly string[], file: FileOrigin) {
    this.day = day;
    this.#counted = new DayCount(compiled, this.#sources);
    this.#file = this.#counted.file(file);
    this.#snapshots = snapshots;
    this.#rules = compiled.inventory.rules;
  }

  rows(rows: ScannedRows, from: number): number {
    return this.#file.rows(rows, from);
  }

  add(record: FlowRecord): void {
    this.#file.add(record);
  }

  malformed(sample: MalformedSample): void {
    this.#file.malformed(this.day);
    if (this.#malformedSamples.length < MALFORMED_KEPT) this.#malformedSamples.push(sample);
  }

  noteFile(named: FlowLogFileName): void {
    noteFileIn(this.#sources.of(STREAM).logs, named);
  }

  finish(rules: Map<string, RuleFacts>): DayAddition {
    this.#counted.finish();
    for (const usage of this.#sources.usages()) {
      for (const [id, facts] of rulesNamed(usage, this.#rules)) rules.set(id, facts);
    }
    return { sources: this.#sources, malformedSamples: this.#malformedSamples, snapshots: this.#snapshots };
  }
}
