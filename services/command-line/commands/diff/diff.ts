import * as z from 'zod';
import { reportedContent, RULE_NAMING, ruleReport, usageReport } from '../../../../shared/reports/schema.ts';
import { count } from '../../../../shared/text/numbers.ts';
import { readJson } from '../../terminal/json-file.ts';
import { nameAndId } from '../../../../shared/text/name-and-id.ts';
import { plainText } from '../../../../shared/text/plain.ts';
import { ruleText } from '../../../../shared/text/rule-text.ts';

const RULE = ruleReport
  .pick({ ...RULE_NAMING, verdict: true, why: true })
  .extend({ narrower: ruleReport.shape.narrower.nullish() });
type Rule = z.output<typeof RULE>;
/** Of `usage.json`, what two reports are compared by. */
export const COMPARED_REPORT = usageReport
  .pick({ schemaVersion: true, asOf: true, windowDays: true })
  .extend({ rules: z.array(RULE), findings: z.array(z.object({ finding: z.looseObject({ kind: z.string() }) })) });
type Report = Pick<z.output<typeof COMPARED_REPORT>, 'asOf' | 'rules' | 'findings'>;

/** The kinds of changes, what calls for a look first. */
const CHANGES = {
  newlyOpenToWorld: 'Newly open to the world',
  backInUse: 'Back in use',
  newlyStale: 'Newly unused',
  newlyRedundant: 'Newly redundant',
  newlyTooWide: 'Newly too wide',
  added: 'New',
  edited: 'Edited in place',
  recreated: 'Made again under another id',
  removed: 'Removed',
} as const;
type ChangeKind = keyof typeof CHANGES;

export interface ReportedChange {
  readonly ruleId: string;
  readonly groupId: string;
  readonly groupName: string;
  /** The rule in words. Text of others. */
  readonly rule: string;
  /** What it was: a verdict, an id, or what it said. */
  readonly was: string | null;
  readonly is: string | null;
}

export type ReportDiff = { readonly from: string; readonly to: string } & Readonly<
  Record<ChangeKind, readonly ReportedChange[]>
>;

/** Verdicts of rules that nobody was seen to use. */
const UNUSED: ReadonlySet<string> = new Set(['stale', 'unattached']);
const USED: ReadonlySet<string> = new Set(['active', 'redundant']);

/**
 * By content: a rule that was made again under another id is the same one.
 *
 * @throws Error of one line where a file is not a report, or the later one is the older
 */
export async function reportDiff(before: string, after: string): Promise<ReportDiff> {
  const [old, now] = [await reportIn(before, COMPARED_REPORT), await reportIn(after, COMPARED_REPORT)];
  if (old.asOf > now.asOf)
    throw new Error(`${after} (${now.asOf}) is older than ${before} (${old.asOf}): give the older one first`);
  return compareReports(old, now);
}

export function compareReports(old: Report, now: Report): ReportDiff {
  const [formerByContent, nowByContent] = [byContent(old.rules), byContent(now.rules)];
  const formerById = new Map(old.rules.map((rule) => [rule.ruleId, rule]));
  const changes: Record<ChangeKind, ReportedChange[]> = {
    newlyOpenToWorld: [],
    backInUse: [],
    newlyStale: [],
    newlyRedundant: [],
    newlyTooWide: [],
    added: [],
    edited: [],
    recreated: [],
    removed: [],
  };
  const note = (kind: ChangeKind, rule: Rule, was: string | null, is: string | null): void => {
    const { ruleId, groupId, groupName } = rule;
    changes[kind].push({ ruleId, groupId, groupName, rule: ruleText(rule), was, is });
  };
  const wasOpen = openContents(old);
  const isOpen = openContents(now);
  for (const [content, rule] of nowByContent) {
    const former = formerByContent.get(content);
    if (isOpen.has(content) && !wasOpen.has(content)) note('newlyOpenToWorld', rule, null, null);
    if (!former) {
      const said = formerById.get(rule.ruleId);
      if (said) note('edited', rule, ruleText(said), ruleText(rule));
      else note('added', rule, null, rule.verdict.kind);
      continue;
    }
    if (former.ruleId !== rule.ruleId) note('recreated', rule, former.ruleId, rule.ruleId);
    const [was, is] = [former.verdict.kind, rule.verdict.kind];
    if (UNUSED.has(is) && !UNUSED.has(was)) note('newlyStale', rule, was, is);
    if (USED.has(is) && UNUSED.has(was)) note('backInUse', rule, was, is);
    if (is === 'redundant' && was !== 'redundant') note('newlyRedundant', rule, was, is);
    if (rule.narrower && !former.narrower) note('newlyTooWide', rule, null, null);
  }
  const nowById = new Set(now.rules.map(({ ruleId }) => ruleId));
  for (const [content, rule] of formerByContent) {
    if (!nowByContent.has(content) && !nowById.has(rule.ruleId)) note('removed', rule, rule.verdict.kind, null);
  }
  return { from: old.asOf, to: now.asOf, ...changes };
}

/**
 * As much of a `usage.json` as the schema asks for.
 *
 * @throws Error of one line that names the file and what of it is wrong
 */
export function reportIn<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
  return readJson(path, schema, 'usage.json of version 1');
}

/** Of two rules of one content the first: AWS has no two in one group. */
function byContent(rules: readonly Rule[]): Map<string, Rule> {
  const found = new Map<string, Rule>();
  for (const rule of rules) if (!found.has(reportedContent(rule))) found.set(reportedContent(rule), rule);
  return found;
}

function openContents({ rules, findings }: Report): Set<string> {
  const open = new Set(findings.flatMap(({ finding }) => (finding.kind === 'openToWorld' ? [finding.ruleId] : [])));
  return new Set(rules.filter(({ ruleId }) => open.has(ruleId)).map(reportedContent));
}

/** Changes shown of each kind; all are in the JSON. */
const SHOWN = 50;

export function diffText(diff: ReportDiff, { markdown }: { readonly markdown: boolean }): string {
  const [heading, item, cell] = markdown
    ? ['## ', '- ', (text: string) => `\`${plainText(text).replaceAll('`', "'")}\``]
    : ['', '  ', plainText];
  const kinds = Object.entries(CHANGES).filter(([kind]) => diff[kind as ChangeKind].length > 0);
  const parts = kinds.flatMap(([kind, title]) => {
    const changes = diff[kind as ChangeKind];
    return [
      '',
      `${heading}${title}: ${count(changes.length, 'rule')}`,
      ...(markdown ? [''] : []),
      ...changes.slice(0, SHOWN).map(({ ruleId, groupId, groupName, rule, was, is }) => {
        const change =
          was === null && is === null ? '' : ` (${[was ?? 'not there', is ?? 'gone'].map(cell).join(' → ')})`;
        return `${item}${cell(nameAndId(groupName, groupId))}: ${cell(rule)}, ${cell(ruleId)}${change}`;
      }),
      ...(changes.length > SHOWN ? [`${item}… and ${String(changes.length - SHOWN)} more`] : []),
    ];
  });
  const title = `${markdown ? '# ' : ''}From ${diff.from} to ${diff.to}`;
  return `${[title, ...(parts.length === 0 ? ['', 'Nothing changed.'] : parts)].join('\n')}\n`;
}
