/**
 * AWS tags by key. The object has no prototype: a key such as `__proto__` or `constructor` is a key like any other.
 * A key given twice (AWS allows none) keeps its last value.
 */
export function tagsByKey(list: readonly { Key: string; Value: string }[]): Record<string, string> {
  const tags = Object.create(null) as Record<string, string>;
  for (const { Key, Value } of list) tags[Key] = Value;
  return tags;
}
