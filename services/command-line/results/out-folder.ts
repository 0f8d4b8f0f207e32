import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * To be asked before the long reading: fails where files of these names could not be written into the folder after it.
 * Makes nothing.
 */
export async function checkFolder(folder: string, names: readonly string[]): Promise<void> {
  const found = await statIfThere(folder);
  if (found && !found.isDirectory()) throw new Error(`${folder}: not a folder`);
  for (const path of names.map((name) => join(folder, name))) {
    if ((await statIfThere(path))?.isDirectory()) throw new Error(`${path}: a folder is in the way`);
  }
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
