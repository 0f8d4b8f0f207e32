import { createReadStream } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, syncFolder } from '../../../../shared/disk/file-set.ts';
import { OutputFile } from '../../../../shared/disk/output-file.ts';
import { mergeReports, type NamedReport } from '../../../../shared/reports/merge-reports.ts';
import { usageReport, type UsageReport } from '../../../../shared/reports/schema.ts';
import { namedError } from '../../../../shared/text/named-error.ts';
import { dayFromIso, type Day } from '../../../../shared/time.ts';
import {
  dayFolder,
  EVIDENCE,
  MANIFEST,
  manifestText,
  readManifest,
  type Manifest,
} from '../../evidence/evidence-folder.ts';
import { evidenceRun } from '../../evidence/evidence-writer.ts';
import { checkReports, writeMergedReport } from '../../results/write-reports.ts';

export interface Merged {
  readonly report: UsageReport;
  /** Why there is no evidence beside it; undefined where there is. */
  readonly withoutEvidence: string | undefined;
  readonly written: readonly string[];
}

interface Part extends NamedReport {
  readonly manifest: Manifest | undefined;
}

/**
 * Puts what `analyze --out` or `report --out` wrote into one folder: the report, and the evidence where all of it is there.
 *
 * @throws Error of one line that names the folder, and says what is wrong
 */
export async function merge(folders: readonly string[], out: string): Promise<Merged> {
  await mustBeNew(out);
  const parts: Part[] = [];
  for (const folder of folders) parts.push(await readPart(folder));
  const report = mergeReports(parts);
  const withoutEvidence = parts.map(missingEvidence).find((text) => text !== undefined);
  try {
    const manifest = withoutEvidence === undefined ? await copyEvidence(parts, join(out, EVIDENCE)) : undefined;
    const written = await writeMergedReport(report, out, (files) => {
      if (manifest) files.add(join(out, EVIDENCE, MANIFEST), manifestText(manifest));
      files.commit();
      return Promise.resolve();
    });
    return { report, withoutEvidence, written };
  } catch (error) {
    await rm(join(out, EVIDENCE), { recursive: true, force: true });
    throw error;
  }
}

/** What is left there of another run would lie beside this one as if it were of it. */
async function mustBeNew(out: string): Promise<void> {
  await checkReports({ out });
  const names: string[] = await readdir(out).catch(() => []);
  const found = names.find((name) => name === EVIDENCE || name === 'usage.json');
  if (found !== undefined) throw new Error(`${out}: holds ${found} of another run; give a new folder`);
}

async function readPart(folder: string): Promise<Part> {
  const path = join(folder, 'usage.json');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw namedError(path, error);
  });
  let report;
  try {
    report = usageReport.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path}: no usage.json that this version reads`, { cause });
  }
  return { name: folder, report, manifest: await readManifest(join(folder, EVIDENCE)) };
}

/** A plan from evidence that lacks days would take what was used on them for unused. */
function missingEvidence({ name, report, manifest }: Part): string | undefined {
  if (!manifest) return `${name} has no evidence`;
  const lost = report.days.find(({ day, records }) => records > 0 && !manifest.has(dayFromIso(day)!));
  return lost && `${name} has no evidence of ${lost.day}`;
}

/** Each part under a name of its own. They count once the manifest that is returned is written. */
async function copyEvidence(parts: readonly Part[], folder: string): Promise<Manifest> {
  const copied = new Map<Day, string[]>();
  const run = evidenceRun();
  for (const { name, manifest = new Map<Day, readonly string[]>() } of parts) {
    for (const [day, files] of manifest) {
      const names = copied.get(day) ?? [];
      copied.set(day, names);
      const to = join(folder, dayFolder(day));
      makeFolder(to);
      for (const file of files) {
        const copy = `part-${String(names.length).padStart(3, '0')}-${run}.parquet`;
        await copyWhole(join(name, EVIDENCE, dayFolder(day), file), join(to, copy));
        names.push(copy);
      }
      syncFolder(to);
    }
  }
  return copied;
}

async function copyWhole(from: string, to: string): Promise<void> {
  const file = new OutputFile(to);
  try {
    for await (const bytes of createReadStream(from)) file.write(bytes as Buffer);
  } catch (error) {
    file.discard();
    throw namedError(from, error);
  }
  file.finish();
}
