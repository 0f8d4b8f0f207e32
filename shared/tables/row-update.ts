import { leftOutAttribute, type RowChange, type Sample } from './row-change.ts';
import { dayOf } from '../time.ts';

/** An attribute as DynamoDB takes it; numbers as text, so that none is rounded. */
export type Value = { readonly S: string } | { readonly N: string } | { readonly SS: readonly string[] };

/** What is known of an item. It may be out of date. */
export type Item = Readonly<
  Record<string, { readonly N?: string; readonly S?: string; readonly SS?: readonly string[] }>
>;

/** The parts of an UpdateItem. */
export interface Update {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues: Readonly<Record<string, Value>>;
}

/**
 * The change as an update of the item, undefined where the item says all of it already.
 *
 * What is known of the item only leaves out what need not be said. It may be old: what moves one way is said under the
 * condition that it moves, and a text that is not among the smallest of some moment never will be. So an update that
 * fails its condition is made again from the item that came back, and each time the item has moved.
 */
export function updateOf(change: RowChange, item: Item | undefined): Update | undefined {
  const update = new UpdateBuilder();
  for (const [name, value] of Object.entries(change.sums ?? {})) {
    if (value !== 0) update.add(name, numberAttribute(value));
  }
  for (const [name, texts] of Object.entries(change.sets ?? {})) {
    const fresh = texts.filter((text) => !item?.[name]?.SS?.includes(text));
    if (fresh.length > 0) update.add(name, { SS: fresh });
  }
  for (const [name, value] of Object.entries(change.latest ?? {})) {
    if (!(numberOf(item, name) >= value)) update.move(name, '<', value);
  }
  for (const [name, value] of Object.entries(change.latestDay ?? {})) {
    if (!(dayOf(numberOf(item, name)) >= dayOf(value))) update.move(name, '<', value);
  }
  for (const [name, value] of Object.entries(change.earliest ?? {})) {
    if (!(numberOf(item, name) <= value)) update.move(name, '>', value);
  }
  for (const [name, sample] of Object.entries(change.samples ?? {})) addSample(update, name, sample, item);
  if (update.isEmpty && item) return undefined;
  for (const [name, value] of Object.entries(change.facts)) {
    if (item?.[name] === undefined) update.set(name, valueOf(value));
  }
  return update.isEmpty ? undefined : update.built();
}

function addSample(update: UpdateBuilder, name: string, { limit, smallest, leftOut }: Sample, item: Item | undefined) {
  const known = [...(item?.[name]?.SS ?? [])].sort(byCodeUnit);
  const largest = known.length < limit ? undefined : known[limit - 1]!;
  const within = smallest.filter((text) => largest === undefined || text <= largest);
  const fresh = within.filter((text) => !known.includes(text));
  if (fresh.length > 0) update.add(name, { SS: fresh });
  // What is only too many for the reader's eye is seen by the reader; what was never stored must be told.
  if ((leftOut || within.length < smallest.length) && !item?.[leftOutAttribute(name)]) {
    update.set(leftOutAttribute(name), { N: '1' });
  }
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** NaN where the item has none. */
function numberOf(item: Item | undefined, name: string): number {
  return Number(item?.[name]?.N ?? NaN);
}

/** Numbers exactly, however large. */
export function valueOf(value: string | number | readonly string[]): Value {
  if (typeof value === 'string') return { S: value };
  return typeof value === 'number' ? numberAttribute(value) : { SS: value };
}

/**
 * A number exactly, not in exponents: DynamoDB keeps 38 digits.
 *
 * @throws SyntaxError or RangeError for what is not a whole number, as in a damaged file
 */
export function numberAttribute(value: number): Value {
  return { N: BigInt(value).toString() };
}

class UpdateBuilder {
  readonly #adds: string[] = [];
  readonly #sets: string[] = [];
  readonly #conditions: string[] = [];
  readonly #names: Record<string, string> = {};
  readonly #values: Record<string, Value> = {};
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(name: string, value: Value): void {
    const at = this.#next(name, value);
    this.#adds.push(`#${at} :${at}`);
  }

  set(name: string, value: Value): void {
    const at = this.#next(name, value);
    this.#sets.push(`#${at} = :${at}`);
  }

  /** Sets the attribute under the condition that it is not there or still `order` than the value. */
  move(name: string, order: '<' | '>', value: number): void {
    const at = this.#next(name, numberAttribute(value));
    this.#sets.push(`#${at} = :${at}`);
    this.#conditions.push(`(attribute_not_exists(#${at}) OR #${at} ${order} :${at})`);
  }

  built(): Update {
    const clauses = [
      ...(this.#sets.length > 0 ? [`SET ${this.#sets.join(', ')}`] : []),
      ...(this.#adds.length > 0 ? [`ADD ${this.#adds.join(', ')}`] : []),
    ];
    return {
      UpdateExpression: clauses.join(' '),
      ...(this.#conditions.length > 0 && { ConditionExpression: this.#conditions.join(' AND ') }),
      ExpressionAttributeNames: this.#names,
      ExpressionAttributeValues: this.#values,
    };
  }

  #next(name: string, value: Value): string {
    const at = (this.#count++).toString(36);
    this.#names[`#${at}`] = name;
    this.#values[`:${at}`] = value;
    return at;
  }
}
