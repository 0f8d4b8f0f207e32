import * as z from 'zod';
import { ENVIRONMENT } from '../../shared/names.ts';

/** What the deployment tells the function. */
export interface Environment {
  readonly tablePrefix: string;
  readonly dataBucket: string;
  readonly accountId: string;
  readonly region: string;
  readonly retentionDays: number;
}

const SHAPE = z.object({
  [ENVIRONMENT.tablePrefix]: z.string().regex(/^[\w.-]+$/, 'no prefix of table names'),
  [ENVIRONMENT.dataBucket]: z.string().regex(/^[a-z0-9.-]{3,63}$/, 'no name of a bucket'),
  [ENVIRONMENT.accountId]: z.string().regex(/^\d{12}$/, 'no account id of 12 digits'),
  [ENVIRONMENT.retentionDays]: z.string().regex(/^[1-9]\d{0,4}$/, 'no number of days'),
  AWS_REGION: z.string().regex(/^[a-z0-9-]+$/, 'no region'),
});

/** @throws Error that names every variable that is missing or wrong */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const { success, data, error } = SHAPE.safeParse(variables);
  if (!success) {
    const problems = error.issues.map(({ path: [name], message }) => {
      const value = variables[String(name)];
      return `${String(name)} ${value === undefined ? 'is not set' : `is ${JSON.stringify(value)}: ${message}`}`;
    });
    throw new Error(`the environment of count-usage is wrong: ${problems.join('; ')}`);
  }
  return {
    tablePrefix: data[ENVIRONMENT.tablePrefix],
    dataBucket: data[ENVIRONMENT.dataBucket],
    accountId: data[ENVIRONMENT.accountId],
    region: data.AWS_REGION,
    retentionDays: Number(data[ENVIRONMENT.retentionDays]),
  };
}
