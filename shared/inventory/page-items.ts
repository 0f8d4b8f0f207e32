import type { z } from 'zod';
import { InventoryError } from './inventory-error.ts';
import type { JsonPage } from './json-pages.ts';

/**
 * The objects under `key` of all pages, checked one by one against their shape.
 * Throws an InventoryError for the first that does not fit, with its path, and where every page has a `NextToken`:
 * the last page is then missing, and what it held must not look absent.
 */
export function itemsOf<T>(pages: readonly JsonPage[], key: string, shape: z.ZodType<T>): T[] {
  const items = pages.flatMap(({ source, value }) => {
    const list = Object.hasOwn(value, key) ? value[key] : undefined;
    if (!Array.isArray(list)) throw new InventoryError(`${source}: ${key}: expected an array`);
    return list.map((raw: unknown, index) => {
      const result = shape.safeParse(raw);
      if (result.success) return result.data;
      throw new InventoryError(`${source}: ${key}[${index}]${issueText(result.error)}`);
    });
  });
  const last = pages.at(-1);
  if (last && pages.every(({ value }) => hasNextToken(value))) {
    throw new InventoryError(
      `${last.source}: the output was cut: ` +
        `${pages.length === 1 ? 'it' : `each of the ${pages.length} pages`} ends in a NextToken, so more was to come; ` +
        'fetch the rest too (let the AWS CLI page by itself: no --max-items, no --no-paginate)',
    );
  }
  return items;
}

/** AWS sends none, null or `""` on the last page. */
function hasNextToken(value: JsonPage['value']): boolean {
  const token = Object.hasOwn(value, 'NextToken') ? value.NextToken : undefined;
  return token !== undefined && token !== null && token !== '';
}

function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  const path = (issue?.path ?? [])
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  return `${path}: ${(issue?.message ?? 'malformed').replace(/^Invalid input: /, '')}`;
}
