/**
 * Ids of groups that a resource has before and not afterwards, in whatever attribute; what is made, or deleted, needs none.
 * Some attributes hold several, by commas.
 */
export function groupsLost(before: unknown, after: unknown): string[] {
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) return [];
  const staying = new Set(groupIdsIn(after));
  return [...new Set(groupIdsIn(before))].filter((id) => !staying.has(id));
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
