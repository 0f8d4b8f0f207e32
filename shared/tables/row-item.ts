import { leftOutAttribute, type RowChange } from './row-change.ts';
import { numberAttribute, valueOf, type Value } from './row-update.ts';

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
