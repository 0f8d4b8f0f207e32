import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile } from 'hyparquet';
import * as z from 'zod';
import type { EvidenceSource } from '../../../shared/evidence/evidence-source.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { namedError } from '../../../shared/text/named-error.ts';
import { isoDay, type Day, dayFromIso } from '../../../shared/time.ts';

/*
 * Evidence in a folder:
 *
 *   evidence/manifest.json                           which files count, by day; written last
 *   evidence/day=2026-01-31/part-000-<run>.parquet   service flows of that day
 *
 * A file that the manifest does not name is of a run that has died, or was replaced, and does not count.
 */
export const EVIDENCE = 'evidence';
export const MANIFEST = 'manifest.json';

/** No way out of the folder. */
const PART = /^part-\d{3,}-[0-9a-z]+\.parquet$/;
const SCHEMA = z.object({
  schemaVersion: z.literal(1),
  days: z.record(z.iso.date(), z.array(z.string().regex(PART))),
});

/** By day, the files that count, of the day's folder. */
export type Manifest = ReadonlyMap<Day, readonly string[]>;

export function dayFolder(day: Day): string {
  return `day=${isoDay(day)}`;
}

export function manifestText(manifest: Manifest): string {
  const days: Record<string, readonly string[]> = {};
  for (const [day, parts] of [...manifest].sort(([a], [b]) => a - b)) days[isoDay(day)] = parts;
  return `${JSON.stringify({ schemaVersion: 1, days }, null, 2)}\n`;
}

/**
 * The manifest in a folder of evidence; undefined where there is none.
 *
 * @throws Error that names the file if it is not one
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST);
  try {
    const { days } = SCHEMA.parse(JSON.parse(await readFile(path, 'utf8')));
    const entries = Object.entries(days).map(([day, parts]): [Day, string[]] => [dayFromIso(day)!, parts]);
    return new Map(entries.sort(([a], [b]) => a - b));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error instanceof z.ZodError || error instanceof SyntaxError
      ? new Error(`${path}: no list of evidence that this version writes`, { cause: error })
      : namedError(path, error);
  }
}

/**
 * The evidence that `analyze --out` or `reconcile --out` wrote.
 *
 * @param out that folder, or the one named `evidence` in it
 * @throws Error that names the folder if there is none
 */
export async function openEvidenceFolder(out: string): Promise<EvidenceSource> {
  for (const folder of [join(out, EVIDENCE), out]) {
    const manifest = await readManifest(folder);
    if (manifest) return new EvidenceFolder(folder, manifest);
  }
  throw new Error(`${out}: no evidence there (${EVIDENCE}/${MANIFEST}); 'stale-sg analyze --out' writes it`);
}

class EvidenceFolder implements EvidenceSource {
  readonly name: string;
  readonly #manifest: Manifest;

  constructor(folder: string, manifest: Manifest) {
    this.name = folder;
    this.#manifest = manifest;
  }

  days(): Promise<readonly Day[]> {
    return Promise.resolve([...this.#manifest.keys()]);
  }

  async *flows(day: Day): AsyncIterable<ServiceFlow> {
    // What reads and writes Parquet is loaded only when needed.
    const { evidenceFlows } = await import('../../../shared/evidence/evidence-file.ts');
    for (const part of this.#manifest.get(day) ?? []) {
      const path = join(this.name, dayFolder(day), part);
      try {
        yield* evidenceFlows(await asyncBufferFromFile(path));
      } catch (error) {
        throw namedError(path, error);
      }
    }
  }
}
