import type { Stats } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { namedError } from '../files/named-error.ts';

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

/** Writes each file whole or not at all, into a folder that is made if need be. Returns the paths. */
export async function writeFiles(folder: string, contents: Readonly<Record<string, string>>): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const [name, content] of Object.entries(contents)) {
    const path = join(folder, name);
    await writeFileAtomic(path, content).catch((error: unknown) => {
      throw namedError(path, error);
    });
    written.push(path);
  }
  return written;
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
