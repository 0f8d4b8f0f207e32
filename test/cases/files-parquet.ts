import type { Case } from './case.ts';
import { parquetOf } from './parquet.ts';
import type { World } from './world.ts';
import { oneMoreObject, reconcile } from './worlds.ts';

/** As for the other files; here each that is the point of the case is Parquet that AWS did not write. */
export const PARQUET_FILES: readonly Case[] = [
  {
    id: 'F01',
    kind: 'two-readers',
    title: 'Parquet whose columns kept their hyphens',
    situation: `
      Flow logs were turned into Parquet by a program that kept the names of the text header: interface-id
      instead of interface_id. All rules but one are used in them. Counting the day as a whole must say what
      counting the files says, or refuse by file and column.`,
    sources: [
      'Parquet made from the text log by a data-frame library keeps the header names (aws-samples and forum scripts do ' +
        'so)',
      'opensearch-project/opensearch-catalog#195 (column names and types of converted flow logs)',
    ],
    days: 1,
    build(w) {
      w.shop();
      w.administer({ day: 0 });
      w.extraFiles.set(oneMoreObject(0, 'fl-0a', 'parquet'), parquetOf(w.take(), { names: 'hyphens' }));
      readTwice(w, '.log.parquet', 'interface');
      w.needed('sgr-0web1', 'sgr-0web2', 'sgr-0web3', 'sgr-0db1');
    },
  },
  {
    id: 'F16',
    kind: 'two-readers',
    title: 'Parquet whose times are timestamps, read in the night',
    situation: `
      Flow logs were rewritten as Parquet with start and end as timestamps. Counting the day as a whole must
      say what counting the files says, or refuse the file by its name; and rows that cannot be read are no
      silence.`,
    sources: ['opensearch-project/opensearch-catalog#195', 'aws-samples/siem-on-amazon-opensearch-service#366'],
    days: 1,
    build(w) {
      w.shop();
      w.administer({ day: 0 });
      w.extraFiles.set('logs/part-0.parquet', parquetOf(w.take(), { times: 'timestamps' }));
      readTwice(w, 'part-0.parquet');
      w.needed('sgr-0web1', 'sgr-0web2', 'sgr-0web3', 'sgr-0db1');
    },
  },
  {
    id: 'F22',
    kind: 'two-readers',
    title: 'Parquet with an encoding of newer writers',
    situation: `
      A rewritten Parquet file has its times encoded as split byte streams, which the format allows. Counting
      the day as a whole says the same as counting the files, or refuses the file by its name.`,
    sources: ['Apache Parquet format, Encodings: BYTE_STREAM_SPLIT for integers'],
    days: 1,
    build(w) {
      w.shop();
      w.administer({ day: 0 });
      w.extraFiles.set('logs/part-0.parquet', parquetOf(w.take(), { encoding: 'BYTE_STREAM_SPLIT' }));
      readTwice(w, 'part-0.parquet');
      w.verdict('sgr-0web2', 'active');
    },
  },
  {
    id: 'F03',
    kind: 'unreadable-lines',
    title: 'One file of which no row can be read',
    situation: `
      Among thirty good files is a Parquet file with timestamps for start and end; a rule is used in it alone.
      Either its times are read, or it is refused by name. If not one of its rows counts, the rule must not
      look unused.`,
    sources: ['opensearch-project/opensearch-catalog#195', 'aws-samples/siem-on-amazon-opensearch-service#366'],
    build(w) {
      w.shop();
      const rows = w.rowsOf(() => w.administer());
      w.extraFiles.set('logs/part-0.parquet', parquetOf(rows, { times: 'timestamps' }));
      w.mayRefuse('analyze', 'part-0.parquet');
      w.needed('sgr-0web2');
    },
  },
];

/** The first day, counted as its files and as a whole. Either may refuse the file by these words. */
function readTwice(world: World, ...words: string[]): void {
  reconcile(world, '2026-01-01');
  for (const step of ['analyze', 'reconcile'] as const) world.mayRefuse(step, ...words);
  world.sameAs('analyze', 'reconcile');
}
