import { readFile } from 'node:fs/promises';
import type * as z from 'zod';
import { namedError } from '../../../shared/text/named-error.ts';
import { shown } from '../../../shared/text/plain.ts';

/**
 * As much of a JSON file as the schema asks for.
 *
 * @param what the file ought to be, for the message
 * @throws Error of one line that names the file and what of it is wrong
 */
export async function readJson<T extends z.ZodType>(path: string, schema: T, what: string): Promise<z.output<T>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw namedError(path, error);
  });
  return parsedJson(path, text, schema, what);
}

/** The same of a text that was read from there. */
export function parsedJson<T extends z.ZodType>(path: string, text: string, schema: T, what: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: not JSON`, { cause: error });
  }
  return checkedJson(path, value, schema, what);
}

/** The same of what was parsed already. */
export function checkedJson<T extends z.ZodType>(name: string, value: unknown, schema: T, what: string): z.output<T> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [{ path: at, message }] = error.issues as [z.core.$ZodIssue];
  const place = at.map((key) => shown(String(key))).join('.');
  throw new Error(`${name}: no ${what}: ${place === '' ? '' : `${place}: `}${message}`);
}
