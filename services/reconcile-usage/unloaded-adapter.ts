import { type AthenaClient, GetQueryExecutionCommand } from '@aws-sdk/client-athena';
import { parse } from 'csv-parse/sync';
import type { NightFiles } from './night-files-adapter.ts';

/**
 * The files that an UNLOAD wrote, as its manifest tells: what else lies in the folder is of a run that failed.
 * https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
 *
 * @throws Error where the query did not succeed, or a file lies outside of `folder`
 */
export async function unloadedFiles(
  athena: AthenaClient,
  queryId: string,
  folder: string,
  files: Pick<NightFiles, 'text' | 'keyOf'>,
): Promise<string[]> {
  const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId: queryId }));
  const { Status, Statistics } = QueryExecution ?? {};
  if (Status?.State !== 'SUCCEEDED') throw new Error(`query ${queryId} is ${Status?.State ?? 'not known'}`);
  const manifest = Statistics?.DataManifestLocation;
  if (manifest === undefined) throw new Error(`query ${queryId} has no manifest`);
  const rows: string[][] = parse(await files.text(files.keyOf(manifest)), { skip_empty_lines: true, trim: true });
  const uris = rows.map(([uri = '']) => uri);
  const foreign = uris.find((uri) => !uri.startsWith(folder));
  if (foreign !== undefined) throw new Error(`query ${queryId} wrote ${foreign}, not below ${folder}`);
  return uris;
}

/** Those of one part. */
export function filesOfPart(uris: readonly string[], part: number): string[] {
  return uris.filter((uri) => uri.includes(`/part=${part}/`));
}
