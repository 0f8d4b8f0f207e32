import { MAX_STATEMENT_BYTES, PART } from './fold.ts';
import { location } from './quote.ts';

/**
 * The statement that writes a fold's rows as Parquet below a folder that must be new for each run, the rows of part _n_
 * in its folder `part=n/`. Where rows are partitioned Athena does not look whether the folder is empty, so a statement
 * that is sent again does not fail; what a failed run left stays. Which files it wrote is in its manifest.
 * https://docs.aws.amazon.com/athena/latest/ug/unload.html
 *
 * @param folder `s3://bucket/…/`
 * @throws RangeError where it is not a folder of S3
 */
export function unload(query: string, folder: string): string {
  const statement = `UNLOAD (
${query}
)
TO ${location(folder)}
WITH (format = 'PARQUET', compression = 'SNAPPY', partitioned_by = ARRAY['${PART}'])`;
  if (Buffer.byteLength(statement) > MAX_STATEMENT_BYTES) throw new RangeError('the statement is too long for Athena');
  return statement;
}
