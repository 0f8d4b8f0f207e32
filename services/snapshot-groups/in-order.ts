/**
 * The items ordered by the named fields, by code unit, so that the same account gives the same bytes whatever pages
 * AWS cut it into. Of items with the same fields (a resource seen on two pages) the last one stays.
 *
 * @throws Error where an item lacks one of the fields: half an answer is no answer
 */
export function inOrder<T extends object>(items: readonly T[], ...fields: readonly (keyof T & string)[]): T[] {
  const byKey = new Map<string, T>();
  for (const item of items) {
    const values = fields.map((field) => {
      const value = item[field];
      if (typeof value === 'string' && value !== '') return value;
      throw new Error(`AWS described something without ${field}: ${JSON.stringify(item).slice(0, 200)}`);
    });
    byKey.set(values.join('\0'), item);
  }
  const ordered = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  return ordered.map(([, item]) => item);
}
