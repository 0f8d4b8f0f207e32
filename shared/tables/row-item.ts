import { leftOutAttribute, type RowChange } from './row-change.ts';

/** An attribute as DynamoDB takes it; numbers as text, so that none is rounded. */
export type Value = { readonly S: string } | { readonly N: string } | { readonly SS: readonly string[] };

/** An item as it is read. */
export type Item = Readonly<
  Record<string, { readonly N?: string; readonly S?: string; readonly SS?: readonly string[] }>
>;

/** The change as the whole item, key aside: what is there once it was added to nothing. */
export function attributesOf(change: RowChange): Record<string, Value> {
  const { facts, sums = {}, latest = {}, latestDay = {}, earliest = {}, sets = {}, samples = {} } = change;
  const attributes: Record<string, Value> = {};
  for (const [name, value] of Object.entries(facts)) attributes[name] = valueOf(value);
  for (const [name, value] of Object.entries(sums)) if (value !== 0) attributes[name] = numberAttribute(value);
  for (const [name, value] of Object.entries({ ...latest, ...latestDay, ...earliest })) {
    attributes[name] = numberAttribute(value);
  }
  for (const [name, texts] of Object.entries(sets)) attributes[name] = { SS: texts };
  for (const [name, { smallest, leftOut }] of Object.entries(samples)) {
    if (smallest.length > 0) attributes[name] = { SS: smallest };
    if (leftOut) attributes[leftOutAttribute(name)] = { N: '1' };
  }
  return attributes;
}

/** Numbers exactly, however large. */
function valueOf(value: string | number | readonly string[]): Value {
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

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
