import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { namedError } from '../../../shared/text/named-error.ts';

/** Of `usage.json`, what says that not everything was seen. */
const REPORT = z.object({
  schemaVersion: z.literal(1),
  records: z.object({ malformed: z.number() }),
  unknownInterfaces: z.object({ distinct: z.number(), sample: z.array(z.string()) }),
  rules: z.array(
    z.object({
      ruleId: z.string(),
      verdict: z.object({ kind: z.string() }),
      why: z.string(),
      possibleTimes: z.number(),
    }),
  ),
});

const NAMED = 5;

/**
 * What the logs of a report could not show of some rules, a line each; none where there is no such file.
 *
 * @throws Error that names the file if it is not a report
 */
export async function reportedGaps(path: string, ruleIds: ReadonlySet<string>): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw namedError(path, error);
  });
  if (text === undefined) return [];
  let report: z.output<typeof REPORT>;
  try {
    report = REPORT.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path}: no usage.json that this version reads`, { cause });
  }
  const { records, unknownInterfaces, rules } = report;
  const asked = rules.filter(({ ruleId }) => ruleIds.has(ruleId));
  const isUnseen = ({ verdict }: (typeof asked)[number]): boolean => verdict.kind === 'notObserved';
  const mayBeUsed = asked.some(({ possibleTimes }) => possibleTimes > 0) && unknownInterfaces.distinct > 0;
  const more = unknownInterfaces.distinct - NAMED;
  const named = unknownInterfaces.sample.slice(0, NAMED).join(', ');
  return [
    ...asked.filter(isUnseen).map(({ ruleId, why }) => `whether ${ruleId} is used: ${why}`),
    ...(mayBeUsed
      ? [`flows of interfaces that are not in the inventory: ${named}${more > 0 ? ` and ${more} more` : ''}`]
      : []),
    ...(records.malformed > 0 ? [`lines that could not be read: ${records.malformed}`] : []),
  ];
}
