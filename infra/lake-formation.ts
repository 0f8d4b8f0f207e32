import { Aws } from 'aws-cdk-lib/core';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { CfnPrincipalPermissions } from 'aws-cdk-lib/aws-lakeformation';
import type { Construct, IDependable } from 'constructs';
import { databaseName } from '../shared/names.ts';
import type { Config } from '../shared/configuration/config.ts';

export interface TableReader {
  readonly config: Config;
  readonly role: iam.IRole;
  /** Beside those of its tables, which are read and described. */
  readonly ofDatabase: readonly ('DESCRIBE' | 'CREATE_TABLE')[];
  /** By their names; without, all. */
  readonly tables?: readonly string[];
  /** What must be there before. */
  readonly after: IDependable;
}

/**
 * What Lake Formation must allow whoever queries the tables, beside IAM; nothing where it does not govern them.
 * https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html
 */
export function grantTables(scope: Construct, { config, role, ofDatabase, tables, after }: TableReader): IDependable[] {
  if (!config.lakeFormation) return [];
  const [catalogId, name] = [Aws.ACCOUNT_ID, databaseName(config.prefix)];
  const grant = (id: string, permissions: readonly string[], resource: CfnPrincipalPermissions.ResourceProperty) => {
    const principal = { dataLakePrincipalIdentifier: role.roleArn };
    const granted = { principal, permissions: [...permissions], permissionsWithGrantOption: [], resource };
    const permission = new CfnPrincipalPermissions(scope, id, granted);
    permission.node.addDependency(after);
    return permission;
  };
  const inDatabase = { catalogId, databaseName: name };
  const onTables = tables?.map((table) => [`On-${table}`, { ...inDatabase, name: table }] as const) ?? [
    ['OnTables', { ...inDatabase, tableWildcard: {} }] as const,
  ];
  return [
    grant('OnDatabase', ofDatabase, { database: { catalogId, name } }),
    ...onTables.map(([id, table]) => grant(id, ['SELECT', 'DESCRIBE'], { table })),
  ];
}
