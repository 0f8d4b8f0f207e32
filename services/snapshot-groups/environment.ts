import * as z from 'zod';
import { ENVIRONMENT } from '../../shared/names.ts';

/** What the deployment tells the function. */
export interface Environment {
  readonly tablePrefix: string;
  readonly dataBucket: string;
  readonly accountId: string;
  readonly region: string;
}

const SHAPE = z.object({
  [ENVIRONMENT.tablePrefix]: z.string().regex(/^[\w.-]+$/, 'no prefix of table names'),
  [ENVIRONMENT.dataBucket]: z.string().regex(/^[a-z0-9.-]{3,63}$/, 'no name of a bucket'),
  [ENVIRONMENT.accountId]: z.string().regex(/^\d{12}$/, 'no account id of 12 digits'),
  AWS_REGION: z.string().regex(/^[a-z0-9-]+$/, 'no region'),
});

/** @throws Error that names every variable that is missing or wrong */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const { success, data, error } = SHAPE.safeParse(variables);
  if (!success) {
    const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the environment of snapshot-groups is wrong: ${problems.join('; ')}`);
  }
  return {
    tablePrefix: data[ENVIRONMENT.tablePrefix],
    dataBucket: data[ENVIRONMENT.dataBucket],
    accountId: data[ENVIRONMENT.accountId],
    region: data.AWS_REGION,
  };
}
