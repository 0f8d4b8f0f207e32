import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { namedError } from '../../../shared/text/named-error.ts';
import type { EvidencePlace, PlaceOptions } from './evidence-place.ts';
import { editedSince } from './reported-verdicts.ts';

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
 * What the logs behind some evidence could not show of some rules, a line each. Told by the report beside a folder of it, or
 * by the newest one of a deployment; undefined where there is none.
 *
 * @param seen the ids of rules of which the evidence tells a use
 * @throws Error that names the file if it is not a report
 */
export async function unseenOf(
  place: EvidencePlace,
  { evidence, report = evidence === undefined ? undefined : join(evidence, 'usage.json') }: PlaceOptions,
  ruleIds: ReadonlySet<string>,
  seen: ReadonlySet<string>,
): Promise<string[] | undefined> {
  if (report !== undefined) {
    const gaps = await reportedGaps(report, ruleIds, seen);
    if (!gaps || !place.inventory) return gaps;
    const edited = (await editedSince(report, place.inventory)).filter((id) => ruleIds.has(id));
    return [...gaps, ...edited.map((id) => `whether ${id} is used: it was edited since the report`)];
  }
  const reported = await place.reported();
  if (reported.size === 0) return undefined;
  const known = [...ruleIds].flatMap((id) => reported.get(id) ?? []);
  return [...known.flatMap((rule) => unseenText(rule, seen)), ...unreported(ruleIds, (id) => reported.has(id))];
}

interface Judged {
  readonly ruleId: string;
  readonly verdict: string;
  readonly why: string;
}

/** An exemption hides what else would be said, and stands in for what logs cannot show. */
function unseenText({ ruleId, verdict, why }: Judged, seen: ReadonlySet<string>): string[] {
  switch (verdict) {
    case 'notObserved':
      return [`whether ${ruleId} is used: ${why}`];
    case 'exempt':
    case 'tooYoung':
      return [`whether ${ruleId} is needed: ${why}`];
    case 'active':
    case 'redundant':
      return seen.has(ruleId) ? [] : [`what used ${ruleId}: no service flow of these days tells, and yet ${why}`];
    default:
      return [];
  }
}

/** Of rules that the report does not know nothing was judged. */
function unreported(ruleIds: ReadonlySet<string>, has: (id: string) => boolean): string[] {
  return [...ruleIds].filter((id) => !has(id)).map((id) => `whether ${id} is used: the report does not have it`);
}

/** @throws Error that names the file if it is not a report */
export async function reportedGaps(
  path: string,
  ruleIds: ReadonlySet<string>,
  seen: ReadonlySet<string>,
): Promise<string[] | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw namedError(path, error);
  });
  if (text === undefined) return undefined;
  let report: z.output<typeof REPORT>;
  try {
    report = REPORT.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path}: no usage.json that this version reads`, { cause });
  }
  const { records, unknownInterfaces, rules } = report;
  const asked = rules.filter(({ ruleId }) => ruleIds.has(ruleId));
  const judged = new Set(asked.map(({ ruleId }) => ruleId));
  const mayBeUsed = asked.some(({ possibleTimes }) => possibleTimes > 0) && unknownInterfaces.distinct > 0;
  const more = unknownInterfaces.distinct - NAMED;
  const named = unknownInterfaces.sample.slice(0, NAMED).join(', ');
  return [
    ...asked.flatMap(({ ruleId, verdict, why }) => unseenText({ ruleId, verdict: verdict.kind, why }, seen)),
    ...unreported(ruleIds, (id) => judged.has(id)),
    ...(mayBeUsed
      ? [`flows of interfaces that are not in the inventory: ${named}${more > 0 ? ` and ${more} more` : ''}`]
      : []),
    ...(records.malformed > 0 ? [`lines that could not be read: ${records.malformed}`] : []),
  ];
}
