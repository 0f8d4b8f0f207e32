import { readFile } from 'node:fs/promises';
import { namedError } from '../../../shared/text/named-error.ts';
import { readExemptions } from '../../../shared/verdicts/exemption-list.ts';
import type { Exemption } from '../../../shared/verdicts/exemption.ts';

/** The list in a file; none where no file is given. Throws an Error that names the file. */
export async function exemptionsIn(path: string | undefined): Promise<readonly Exemption[]> {
  if (path === undefined) return [];
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw namedError(path, error);
  });
  return readExemptions(text, path);
}
