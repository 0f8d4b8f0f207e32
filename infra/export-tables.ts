import { Aws } from 'aws-cdk-lib/core';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { DAY_COLUMN, EXPORTED_TABLES, TYPES, type TableColumns } from '../shared/export/tables.ts';
import { databaseName } from '../shared/names.ts';
import { deployedBucketName } from './access.ts';
import type { Config } from '../shared/configuration/config.ts';

/**
 * The folders of the export as tables of the Glue database, whoever reads them: columns and types are those of the files.
 * Days are worked out from their folders' names, so nothing has to be told of a new one.
 * https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
export class ExportTables extends Construct {
  constructor(scope: Construct, id: string, { prefix, retentionDays }: Config) {
    super(scope, id);
    const bucket = deployedBucketName({ scope: this, prefix });
    for (const [name, { columns, folder }] of Object.entries(EXPORTED_TABLES)) {
      const root = `s3://${bucket}/${folder}`;
      new CfnTable(this, name, {
        catalogId: Aws.ACCOUNT_ID,
        databaseName: databaseName(prefix),
        tableInput: {
          name,
          description: DESCRIPTIONS[name as keyof typeof EXPORTED_TABLES],
          tableType: 'EXTERNAL_TABLE',
          ...(name === 'usage' && { partitionKeys: [{ name: DAY_COLUMN, type: 'string', comment: 'UTC day' }] }),
          parameters: {
            classification: 'parquet',
            EXTERNAL: 'TRUE',
            ...(name === 'usage' && projection(root, retentionDays)),
          },
          storageDescriptor: {
            columns: gluedColumns(columns),
            location: root,
            inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
            outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
            serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
          },
        },
      });
    }
  }
}

const DESCRIPTIONS: Readonly<Record<keyof typeof EXPORTED_TABLES, string>> = {
  usage: 'stale-sg: what rules admitted, by day; sums of one column are right over all rows',
  rules: 'stale-sg: every rule as it stands, used or not, with its verdict',
};

function gluedColumns(columns: TableColumns): CfnTable.ColumnProperty[] {
  return Object.entries(columns).map(([name, { type, comment }]) => ({ name, type: TYPES[type].glue, comment }));
}

function projection(root: string, retentionDays: number): Readonly<Record<string, string>> {
  return {
    'projection.enabled': 'true',
    [`projection.${DAY_COLUMN}.type`]: 'date',
    [`projection.${DAY_COLUMN}.format`]: 'yyyy-MM-dd',
    [`projection.${DAY_COLUMN}.range`]: `NOW-${retentionDays}DAYS,NOW`,
    // In braces of Athena, not of TypeScript.
    'storage.location.template': `${root}${DAY_COLUMN}=\${${DAY_COLUMN}}/`,
  };
}
