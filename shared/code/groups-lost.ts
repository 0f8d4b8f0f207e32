import { shown } from '../text/plain.ts';

/**
 * Groups that a resource has before and not afterwards, each in words: nowhere any more, or in an attribute, as where a template
 * of a machine gives a group to another one of its interfaces. What is made, or deleted, loses none. Some attributes hold several,
 * by commas.
 *
 * @param isUnknown whether what an attribute holds afterwards is not known yet: then only what is nowhere is lost
 */
export function groupsLost(before: unknown, after: unknown, isUnknown: (attribute: string) => boolean): string[] {
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) return [];
  const staying = new Set(groupIdsIn(after));
  const next = after as Readonly<Record<string, unknown>>;
  return [
    ...[...new Set(groupIdsIn(before))]
      .filter((id) => !staying.has(id))
      .map((id) => `the group ${shown(id)}: what it needs of its rules`),
    ...Object.entries(before).flatMap(([attribute, value]) => {
      const there = new Set(groupIdsIn({ value: next[attribute] }));
      const moved = new Set(groupIdsIn({ value: value as unknown }).filter((id) => staying.has(id) && !there.has(id)));
      return isUnknown(attribute)
        ? []
        : [...moved].map(
            (id) => `the group ${shown(id)} in ${shown(attribute)}, and has it elsewhere: what it needs there`,
          );
    }),
  ];
}

function groupIdsIn(values: object): string[] {
  const found: string[] = [];
  // By a list, not by recursion: how deep values nest is up to the file.
  const left: unknown[] = [values];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') {
      for (const part of value.split(/[\s,;]+/)) if (/^sg-[\w-]{1,64}$/.test(part)) found.push(part);
    } else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value as Readonly<Record<string, unknown>>)) left.push(part);
    }
  }
  return found;
}
