import * as z from 'zod';
import { parsePrefix } from '../../../../shared/addresses/address.ts';
import { CAVEAT_TEXTS } from '../../../../shared/advice/narrowing/narrower.ts';
import { shellQuote } from '../../../../shared/advice/removal/shell-quote.ts';
import type { RulePeer, Rule } from '../../../../shared/inventory/inventory.ts';
import { RULE_NAMING, ruleReport, usageReport } from '../../../../shared/reports/schema.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import { count, figure } from '../../../../shared/text/numbers.ts';
import { patternOf } from '../../../../shared/text/pattern.ts';
import { plainText } from '../../../../shared/text/plain.ts';
import { ruleText, serviceText } from '../../../../shared/text/rule-text.ts';
import { dayFromIso, isoDay, startOfDay, type Day } from '../../../../shared/time.ts';
import { exemptionsByRule, isOver, KEEP_TAG, meantBy, type Exemption } from '../../../../shared/verdicts/exemption.ts';
import { exemptionsIn } from '../../files/read-exemptions.ts';
import { keepCommand, ruleTarget, targetText } from './keep-command.ts';
import { COMPARED_REPORT, compareReports, reportIn } from '../diff/diff.ts';
import {
  TO_DECIDE,
  type Decision,
  type EndingExemption,
  type KeptRule,
  type OwnerPart,
  type Recertification,
  type ToDecide,
} from './recertification.ts';

const RULE = ruleReport
  .pick({
    ...RULE_NAMING,
    description: true,
    usedTimes: true,
    soleTimes: true,
    replyTimes: true,
    possibleTimes: true,
    lastUsed: true,
    lastPossible: true,
    verdict: true,
    why: true,
    rank: true,
    evidence: true,
    owner: true,
  })
  .extend({ narrower: ruleReport.shape.narrower.nullish() });
/** Of `usage.json`, what an owner is told of. */
const REPORT = COMPARED_REPORT.extend({ rules: z.array(RULE), plan: usageReport.shape.plan.nullish() });
type Report = z.output<typeof REPORT>;
type ReportedRule = Report['rules'][number];

export interface RecertifyOptions {
  /** `usage.json`. */
  readonly report: string;
  /** The list of exemptions. */
  readonly exemptions?: string;
  /** An earlier `usage.json`. */
  readonly since?: string;
  /** Names, in which `*` stands for any text; all owners without. */
  readonly owner?: readonly string[];
  readonly days: number;
  /** Of the question. */
  readonly asOf: Day;
}

/**
 * What each owner is to decide: exemptions that have ended or soon will, and rules that ask for a decision and have none.
 *
 * @throws Error of one line where a file is not what it should be, or the former report is the later one
 */
export async function recertify(options: RecertifyOptions): Promise<Recertification> {
  const { asOf, days } = options;
  const report = await reportIn(options.report, REPORT);
  const former = options.since === undefined ? undefined : await reportIn(options.since, COMPARED_REPORT);
  if (former && former.asOf > report.asOf)
    throw new Error(
      `${options.since!} (${former.asOf}) is later than ${options.report} (${report.asOf}): it must be the former one`,
    );
  const listed = await exemptionsIn(options.exemptions);
  const rules = report.rules.map((one) => ({ one, rule: inventoryRule(one) }));
  const context: Context = { options, rules, listed, report };
  const ending = endingOf(context);
  const decided = new Set(
    exemptionsByRule([...listed], { rules: rules.map(({ rule }) => rule), groups: new Map() }, startOfDay(asOf)).keys(),
  );
  const decisions = decisionsOf(context, former).filter(({ decision: { ruleId } }) => !decided.has(ruleId));
  const isAsked = ownerFilter(options.owner);
  const owners = [...new Set([...ending.map(({ owner }) => owner), ...decisions.map(({ owner }) => owner)])].filter(
    isAsked,
  );
  owners.sort((a, b) => (a === null ? 1 : b === null ? -1 : compareText(a, b)));
  return {
    schemaVersion: 1,
    asOf: isoDay(asOf),
    days,
    report: { file: options.report, asOf: report.asOf },
    since: former ? { file: options.since!, asOf: former.asOf } : null,
    owners: owners.map((owner): OwnerPart => {
      const own = ending.filter((one) => one.owner === owner);
      const isEnded = ({ until }: EndingExemption): boolean => isOver(until, startOfDay(asOf));
      return {
        owner,
        expired: own.filter(isEnded),
        expiring: own.filter((one) => !isEnded(one)),
        toDecide: decisions.filter((one) => one.owner === owner).map(({ decision }) => decision),
      };
    }),
  };
}

interface Context {
  readonly options: RecertifyOptions;
  readonly rules: readonly { readonly one: ReportedRule; readonly rule: Rule }[];
  readonly listed: readonly Exemption[];
  readonly report: Report;
}

function ownerFilter(names: readonly string[] | undefined): (owner: string | null) => boolean {
  if (names === undefined) return () => true;
  const patterns = names.map(patternOf);
  return (owner) => owner !== null && patterns.some((pattern) => pattern.test(owner));
}

/** Of the list, and of tags; of verdicts where no list was given. The first to end first. */
function endingOf({ options: { asOf, days, exemptions }, rules, listed }: Context): EndingExemption[] {
  const isEnding = (until: string): boolean => (dayFromIso(until) ?? Infinity) <= asOf + days;
  const keepOf = (target: string | undefined, reason: string, owner: string | null): string | null =>
    // Of another name, it would keep something else.
    target === undefined || plainText(target) !== target
      ? null
      : keepCommand(target, shellQuote(plainText(reason)), owner, exemptions, asOf);
  const ofList = listed
    .filter(({ expires }) => isEnding(expires))
    .map((one): EndingExemption => {
      const { target, reason, owner, expires, where } = one;
      const isMeant = meantBy(one);
      // A report tells no tags: rules kept by one are known by what their verdict says.
      const kept = rules.filter(({ one: { verdict }, rule }) =>
        target.kind === 'tag'
          ? verdict.kind === 'exempt' &&
            verdict.reason === reason &&
            verdict.owner === owner &&
            verdict.until === expires
          : isMeant(rule, undefined),
      );
      return {
        target,
        where,
        reason,
        owner,
        until: expires,
        rules: kept.map((found) => keptRule(found.one)),
        keep: keepOf(targetText(target), reason, owner),
      };
    });
  const others = rules.flatMap(({ one }) => {
    const { verdict, owner } = one;
    if (verdict.kind !== 'exempt' || verdict.until === null || !isEnding(verdict.until)) return [];
    const isTag = verdict.owner === null;
    // What is no more on the list was decided.
    if (!isTag && exemptions !== undefined) return [];
    const { reason, until } = verdict;
    const answers = verdict.owner ?? owner?.name ?? null;
    return [{ one, until, reason, owner: answers, where: isTag ? `the tag ${KEEP_TAG}` : 'a list of exemptions' }];
  });
  const bySaying = Map.groupBy(others, ({ until, reason, owner, where }) =>
    JSON.stringify([until, reason, owner, where]),
  );
  const ofVerdicts = [...bySaying.values()].flatMap((same) =>
    same.map(({ one, ...said }): EndingExemption => ({
      ...said,
      target: null,
      rules: [keptRule(one)],
      keep: keepOf(ruleTarget(one.ruleId), said.reason, said.owner),
    })),
  );
  return [...ofList, ...ofVerdicts].sort((a, b) => compareText(a.until, b.until) || compareText(a.where, b.where));
}

function keptRule(rule: ReportedRule): KeptRule {
  const { usedTimes, soleTimes, replyTimes, possibleTimes, lastUsed, lastPossible, evidence } = rule;
  const { watchedDays, days } = evidence;
  const told = (traffic: KeptRule['traffic'], today: string): KeptRule => ({
    ...named(rule),
    verdict: rule.verdict.kind,
    traffic,
    today,
    lastUsed,
  });
  if (usedTimes + replyTimes > 0) {
    // Without its exemption it may be redundant, and a plan may remove it.
    const needs =
      soleTimes > 0
        ? 'no exemption is needed to keep it'
        : 'but other rules admitted all of it too, and may be taken to cover it';
    return told('inUse', `in use, the last time ${lastUsed ?? 'in its window'}: ${needs}`);
  }
  const before = lastUsed === null ? '' : `; before the window it was used, the last time ${lastUsed}`;
  if (possibleTimes > 0)
    return told(
      'perhaps',
      `no sure use, but ${count(possibleTimes, 'record')} that it may have admitted, the last ${lastPossible ?? 'unknown when'}${before}`,
    );
  if (watchedDays === 0) return told('notWatched', `not watched on any day: nobody can tell${before}`);
  return told('notSeen', `no use seen on ${figure(watchedDays)} watched of ${count(days, 'day')}${before}`);
}

function named(rule: ReportedRule): Pick<KeptRule, 'ruleId' | 'groupId' | 'groupName' | 'admits'> {
  const { ruleId, groupId, groupName } = rule;
  return { ruleId, groupId, groupName, admits: ruleText(rule) };
}

/** Rules that ask for a decision, the highest rank first. */
function decisionsOf({ options, report }: Context, former: Parameters<typeof compareReports>[0] | undefined) {
  const whats = former ? newlyAsking(former, report) : asking(report);
  const plans = plansOf(report.plan, isoDay(options.asOf));
  return report.rules
    .flatMap((rule) => {
      const found = whats.get(rule.ruleId);
      return found && rule.verdict.kind !== 'exempt' ? [{ rule, found }] : [];
    })
    .sort((a, b) => b.rule.rank.score - a.rule.rank.score || compareText(a.rule.ruleId, b.rule.ruleId))
    .map(({ rule, found }) => {
      const owner = rule.owner?.name ?? null;
      const target = ruleTarget(rule.ruleId);
      const decision: Decision = {
        ...named(rule),
        whats: (Object.keys(TO_DECIDE) as ToDecide[]).filter((what) => found.has(what)),
        verdict: rule.verdict.kind,
        why: rule.why,
        keep: target === undefined ? null : keepCommand(target, '"$WHY"', owner, options.exemptions, options.asOf),
        go: goText(rule, plans.get(rule.ruleId)),
      };
      return { owner, decision };
    });
}

/** What the plan says of rules, by id. On a day on which its scripts refuse, it says nothing of what may go. */
function plansOf(plan: Report['plan'], today: string): ReadonlyMap<string, string> {
  const { stages = [], inCode = [], skipped = [] } = plan ?? {};
  return new Map([
    ...skipped.map(({ ruleId, reason }) => [ruleId, `the plan leaves it: ${reason}`] as const),
    ...inCode.map(({ rule, managedBy }) => {
      const notes = managedBy.map(({ note }) => note).join('; ');
      return [rule.ruleId, `it is to be changed in code: ${notes}`] as const;
    }),
    ...stages.flatMap(({ number, removals }) =>
      removals.map(({ rule }) => {
        const stage = `stage ${String(number)} of the plan removes it`;
        const isOld = plan && plan.goodUntil < today;
        return [
          rule.ruleId,
          isOld ? `a plan let it go that was good until ${plan.goodUntil}: plan anew` : stage,
        ] as const;
      }),
    ),
  ]);
}

function goText({ narrower }: ReportedRule, planned: string | undefined): string {
  if (planned !== undefined) return planned;
  if (!narrower) return 'no plan says that it may: ask what it is for';
  const { rules, days, caveats } = narrower;
  const parts = rules.map(({ protocol, ports, peer }) => `${serviceText({ protocol, ports })} ${peer.value}`);
  const mind = caveats.map((caveat) => `; mind: ${CAVEAT_TEXTS[caveat]}`).join('');
  return `narrow it to ${parts.join('; ')}, by ${count(days, 'day')} of evidence${mind}`;
}

function newlyAsking(former: Parameters<typeof compareReports>[0], report: Report): ReadonlyMap<string, Set<ToDecide>> {
  const diff = compareReports(former, report);
  const kinds = {
    openToWorld: diff.newlyOpenToWorld,
    unused: diff.newlyStale,
    redundant: diff.newlyRedundant,
    tooWide: diff.newlyTooWide,
    added: [...diff.added, ...diff.edited],
  };
  return gathered(
    Object.entries(kinds).flatMap(([what, some]) => some.map(({ ruleId }) => [ruleId, what as ToDecide])),
  );
}

function asking({ rules, findings }: Report): ReadonlyMap<string, Set<ToDecide>> {
  const open = findings.flatMap(({ finding }) =>
    finding.kind === 'openToWorld' ? [[String(finding.ruleId), 'openToWorld'] as const] : [],
  );
  return gathered([
    ...open,
    ...rules.flatMap(({ ruleId, verdict: { kind }, narrower }) => [
      ...(kind === 'stale' || kind === 'unattached' ? [[ruleId, 'unused'] as const] : []),
      ...(kind === 'redundant' ? [[ruleId, 'redundant'] as const] : []),
      ...(narrower ? [[ruleId, 'tooWide'] as const] : []),
    ]),
  ]);
}

function gathered(pairs: Iterable<readonly [ruleId: string, what: ToDecide]>): ReadonlyMap<string, Set<ToDecide>> {
  const byRule = new Map<string, Set<ToDecide>>();
  for (const [ruleId, what] of pairs) byRule.set(ruleId, (byRule.get(ruleId) ?? new Set()).add(what));
  return byRule;
}

/** As far as a report tells: no tags. */
function inventoryRule({ ruleId, groupId, groupName, direction, protocol, peer, description }: ReportedRule): Rule {
  return {
    ruleId,
    groupId,
    groupName,
    direction,
    protocol,
    description,
    protocolNumber: undefined,
    ports: undefined,
    icmp: undefined,
    peer: peerOf(peer),
    tags: {},
    unmatchable: undefined,
  };
}

function peerOf({ type, value }: ReportedRule['peer']): RulePeer {
  const prefix = type === 'cidrIpv4' || type === 'cidrIpv6' ? parsePrefix(value) : undefined;
  if (prefix && (type === 'cidrIpv4' || type === 'cidrIpv6')) return { type, value, prefix };
  return { type: 'unknown', value };
}
