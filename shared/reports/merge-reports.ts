import { ruleText } from '../text/rule-text.ts';
import { shown } from '../text/plain.ts';
import { compareText } from '../text/compare.ts';
import { recordOf } from '../record-of.ts';
import { dayFromIso } from '../time.ts';
import { FATES } from '../usage/usage.ts';
import { coverageOf } from './coverage.ts';
import { MIN_OBSERVED_SHARE } from '../verdicts/growing-window.ts';
import { VERDICT_KINDS } from '../verdicts/verdict.ts';
import { reportedContent, type AccountReport, type DayQuality, type RuleReport, type UsageReport } from './schema.ts';

/** A report, and what it is called in messages. */
export interface NamedReport {
  readonly name: string;
  readonly report: UsageReport;
}

const SAMPLES_KEPT = 20;
const INTERFACES_KEPT = 100;
const REJECTED_KEPT = 100;

/**
 * Reports of different accounts or regions as one. No rule is judged again: each keeps its verdict. What they speak of in common
 * is as of the oldest, over the days of all, so that what rests on the report is no younger than any of them, and sees as many
 * days as each. There is no plan in it: what may go together is worked out from the evidence.
 *
 * @throws Error that names the rule that two of them judge, and the way out
 */
export function mergeReports(parts: readonly NamedReport[]): UsageReport {
  const reports = parts.map(({ report }) => report);
  const tells = tellersOf(parts);
  const asOf = reports.map((one) => one.asOf).reduce((a, b) => (a < b ? a : b));
  const from = reports.map(({ window }) => window.from).reduce((a, b) => (a < b ? a : b));
  const to = reports.map(({ window }) => window.to).reduce((a, b) => (a > b ? a : b));
  const rules = mergedRules(parts, tells);
  const accounts = mergedAccounts(parts, tells, rules);
  const records = mergedRecords(parts, tells);
  const isAlike = reports.every((one) => one.asOf === asOf && one.window.from === from && one.window.to === to);
  const ages = reports.map(({ ageKnownSince }) => ageKnownSince);
  return {
    schemaVersion: 1,
    asOf,
    windowDays: dayFromIso(to)! - dayFromIso(from)! + 1,
    window: { from, to },
    ageKnownSince: ages.includes(null) ? null : ages.reduce((a, b) => (a! > b! ? a : b))!,
    observedBy: reports.every(({ observedBy }) => observedBy === 'flowLogs') ? 'flowLogs' : 'records',
    coverage: coverageOf(recordOf(FATES, (fate) => records[fate])),
    records,
    malformedSamples: reports.flatMap(({ malformedSamples }) => malformedSamples).slice(0, SAMPLES_KEPT),
    inventoryProblems: [
      ...(isAlike ? [] : [`the reports that were merged speak of different days: ${parts.map(spanText).join('; ')}`]),
      ...new Set(reports.flatMap(({ inventoryProblems }) => inventoryProblems)),
    ],
    ...(reports.some(({ remembered }) => remembered) && {
      remembered: reports.flatMap(({ remembered = [] }) => remembered),
    }),
    unknownInterfaces: {
      distinct: reports.reduce((sum, { unknownInterfaces }) => sum + unknownInterfaces.distinct, 0),
      sample: [...new Set(reports.flatMap(({ unknownInterfaces }) => unknownInterfaces.sample))].slice(
        0,
        INTERFACES_KEPT,
      ),
    },
    rejectedFlows: {
      distinct: reports.reduce((sum, { rejectedFlows }) => sum + rejectedFlows.distinct, 0),
      top: reports
        .flatMap(({ rejectedFlows }) => rejectedFlows.top)
        .sort((a, b) => b.times - a.times)
        .slice(0, REJECTED_KEPT),
    },
    days: mergedDays(reports),
    growth: mergedGrowth(reports),
    accounts,
    rules,
    findings: reports.flatMap(({ findings }) => findings).sort((a, b) => b.rank - a.rank),
    plan: null,
  };
}

function spanText({ name, report: { window, asOf } }: NamedReport): string {
  return `${shown(name)} of ${window.from} to ${window.to}, as of ${asOf}`;
}

/** Accounts whose inventory the report was made from; of reports of before, all that its rules are of. */
function describedBy({ accounts, rules }: UsageReport): string[] {
  const ids = accounts
    ? accounts.filter(({ described }) => described).map(({ accountId }) => accountId)
    : rules.map(({ accountId = '' }) => accountId);
  return [...new Set(ids)].filter((id) => id !== '');
}

/** Whether a report tells of an account for the merged one: who holds its inventory does, and all where nobody does. */
type Tells = (part: NamedReport, accountId: string) => boolean;

function tellersOf(parts: readonly NamedReport[]): Tells {
  const described = new Map(parts.map((part) => [part, new Set(describedBy(part.report))]));
  const all = new Set([...described.values()].flatMap((ids) => [...ids]));
  return (part, accountId) => !all.has(accountId) || described.get(part)!.has(accountId);
}

function mergedAccounts(parts: readonly NamedReport[], tells: Tells, rules: readonly RuleReport[]): AccountReport[] {
  const rulesOf = Map.groupBy(rules, ({ accountId }) => accountId);
  // A rule may have another verdict here than in the report of its account.
  const counted = (row: AccountReport): AccountReport => {
    const some = rulesOf.get(row.accountId);
    return some ? { ...row, rules: some.length, verdicts: countedVerdicts(some) } : row;
  };
  const rows = parts.flatMap((part) =>
    (part.report.accounts ?? []).flatMap((row) => (tells(part, row.accountId) ? [withSpan(row, part.report)] : [])),
  );
  return [...Map.groupBy(rows, ({ accountId }) => accountId).values()]
    .map((some) => counted(some.reduce(addedAccounts)))
    .sort((a, b) => b.verdicts.stale - a.verdicts.stale || compareText(a.accountId, b.accountId));
}

function countedVerdicts(rules: readonly RuleReport[]): AccountReport['verdicts'] {
  return recordOf(VERDICT_KINDS, (kind) => rules.filter(({ verdict }) => verdict.kind === kind).length);
}

function withSpan(row: AccountReport, { asOf, window }: UsageReport): AccountReport {
  return { ...row, judged: row.judged ?? [{ asOf, ...window }] };
}

/** Of two regions of an account, each with a report. */
function addedAccounts(a: AccountReport, b: AccountReport): AccountReport {
  const records = a.records && b.records ? addedRecords(a.records, b.records) : null;
  const [riskiest] = [a.riskiest, b.riskiest].filter((one) => one !== null).sort((x, y) => y.rank - x.rank);
  const heard = [a.heard, b.heard].filter((one) => one !== null);
  const oldest = [a.takenAt, b.takenAt].includes(null) ? null : a.takenAt! < b.takenAt! ? a.takenAt : b.takenAt;
  return {
    accountId: a.accountId,
    name: a.name ?? b.name,
    described: a.described || b.described,
    regions: [...new Set([...a.regions, ...b.regions])].sort(compareText),
    takenAt: oldest,
    rules: a.rules + b.rules,
    verdicts: recordOf(VERDICT_KINDS, (kind) => a.verdicts[kind] + b.verdicts[kind]),
    removable: null,
    riskiest: riskiest ?? null,
    // Days of either, as far as two spans tell: no more than there are.
    heard: heard.length < 2 ? (heard[0] ?? null) : heard.reduce((x, y) => (x.days >= y.days ? x : y)),
    coverage: records ? coverageOf(recordOf(FATES, (fate) => records[fate])) : null,
    records,
    judged: [...(a.judged ?? []), ...(b.judged ?? [])],
  };
}

type Records = Readonly<Record<string, number>>;

function addedRecords<R extends Records>(a: R, b: R): R {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(keys.map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)])) as R;
}

/** What became of records: those of another account's that a report left aside are counted by the report of that account. */
function mergedRecords(parts: readonly NamedReport[], tells: Tells): UsageReport['records'] {
  const of = (part: NamedReport): UsageReport['records'] => {
    const { accounts = [], records } = part.report;
    const rows = accounts.map((row) => row.records);
    if (rows.length === 0 || rows.includes(null)) return records;
    const told = accounts.filter(({ accountId }) => tells(part, accountId)).map((row) => row.records!);
    const fates = recordOf(FATES, (fate) => told.reduce((sum, one) => sum + one[fate], 0));
    return { ...records, ...fates, total: told.reduce((sum, { total }) => sum + total, 0) };
  };
  return parts.map(of).reduce(addedRecords);
}

/**
 * Each rule once. A group that an account shares is in the reports of others as well: what its own account's says counts, unless
 * others saw a use that it did not, or did not look as long and as well at interfaces of theirs that carry the group.
 */
function mergedRules(parts: readonly NamedReport[], tells: Tells): RuleReport[] {
  const rules = parts.flatMap((part) => part.report.rules.map((rule) => ({ part, rule })));
  return [...Map.groupBy(rules, ({ rule }) => rule.ruleId).values()]
    .map((some) => {
      const [own, ...more] = some.filter(({ part, rule }) => tells(part, rule.accountId ?? ''));
      const others = some.filter((one) => one !== own);
      const other = [...more, ...others].find(
        ({ rule }) => more.length > 0 || reportedContent(rule) !== reportedContent(own!.rule),
      );
      if (!own || other) throw new Error(twiceText(own ?? some[0]!, other ?? some[1]!));
      return others.some((one) => isPerhapsUsed(one, own)) ? asShared(own.rule) : own.rule;
    })
    .sort((a, b) => compareText(a.groupId, b.groupId) || compareText(a.ruleId, b.ruleId));
}

interface Told {
  readonly part: NamedReport;
  readonly rule: RuleReport;
}

function twiceText({ part, rule }: Told, other: Told): string {
  const differs =
    reportedContent(rule) === reportedContent(other.rule)
      ? ''
      : `, as ${ruleText(rule)} and as ${ruleText(other.rule)}`;
  return (
    `${shown(part.name)} and ${shown(other.part.name)} both judge the rule ${shown(rule.ruleId)}${differs}: two verdicts on it cannot ` +
    "be joined; give the newer report alone, or all logs to one 'stale-sg analyze'"
  );
}

function isPerhapsUsed({ part, rule }: Told, own: Told): boolean {
  const { usedTimes, replyTimes, possibleTimes, attachedTo = [], evidence } = rule;
  if (usedTimes + replyTimes + possibleTimes > 0) return true;
  const { interfaceDays, observedDays } = evidence;
  if (interfaceDays === 0 && attachedTo.length === 0) return false;
  const [theirs, ours] = [part.report.window, own.part.report.window];
  const isLess = theirs.from > ours.from || theirs.to < ours.to;
  return isLess || interfaceDays === 0 || observedDays < MIN_OBSERVED_SHARE * interfaceDays;
}

const IDLE: ReadonlySet<string> = new Set(['stale', 'unattached', 'redundant', 'tooYoung', 'notObserved']);

function asShared(rule: RuleReport): RuleReport {
  const wide = { ...rule, narrower: null };
  if (!IDLE.has(rule.verdict.kind)) return wide;
  const verdict = { kind: 'notObserved', reason: 'sharedGroup', ownerId: null, vpcId: null } as const;
  const why = 'another account that shares its group may have used it: only one analysis of both can tell';
  return { ...wide, verdict, why };
}

/** Of a day of several reports, the sums; what one of them could not settle is not settled. */
function mergedDays(reports: readonly UsageReport[]): DayQuality[] {
  const all = Map.groupBy(
    reports.flatMap(({ days }) => days),
    ({ day }) => day,
  );
  return [...all.values()].map((some) => some.reduce(addedDays)).sort((a, b) => compareText(a.day, b.day));
}

/** The less sure first. */
const SOURCES = ['streamed', 'read', 'reconciled'] as const;

function addedDays(a: DayQuality, b: DayQuality): DayQuality {
  const shares = [a.driftShare, b.driftShare].filter((share) => share !== null);
  const drifting = [a.driftingRules, b.driftingRules].filter((rules) => rules !== null);
  const reasons = [...new Set([a.incomplete, b.incomplete])].filter((reason) => reason !== null);
  return {
    day: a.day,
    source: SOURCES.find((source) => a.source === source || b.source === source)!,
    records: a.records + b.records,
    hours: a.hours.map((times, hour) => times + (b.hours[hour] ?? 0)),
    driftShare: shares.length === 0 ? null : Math.max(...shares),
    driftingRules: drifting.length === 0 ? null : drifting.reduce((sum, rules) => sum + rules, 0),
    incomplete: reasons.length === 0 ? null : reasons.join('; '),
    outdated: a.outdated === true || b.outdated === true,
    heldAgainst: null,
  };
}

/** The longest wait of all. */
function mergedGrowth(reports: readonly UsageReport[]): UsageReport['growth'] {
  const growing = reports.flatMap(({ growth }) => growth ?? []);
  if (growing.length === 0) return null;
  const latest = (days: readonly (string | null)[]): string | null =>
    days
      .filter((day) => day !== null)
      .sort()
      .at(-1) ?? null;
  return {
    days: Math.min(...growing.map(({ days }) => days)),
    firstDay: latest(growing.map(({ firstDay }) => firstDay)),
    verdictsOn: latest(growing.map(({ verdictsOn }) => verdictsOn)),
    planOn: latest(growing.map(({ planOn }) => planOn)),
    wholeOn: latest(growing.map(({ wholeOn }) => wholeOn))!,
  };
}
