import { ownerOf } from '../../inventory/owners.ts';
import { peerName } from '../../inventory/peer-name.ts';
import { compareText } from '../../text/compare.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { PLAN_DAYS } from '../../verdicts/growing-window.ts';
import { windowDaysOf } from '../../verdicts/window-tag.ts';
import { authorizeCommand, checkCommand, isReservedTag, revokeCommand, type AwsPlace } from './aws-commands.ts';
import { danglingReferences } from '../findings/dangling-references.ts';
import { exposureOf } from '../exposure/exposure.ts';
import { codeOwners, terraformHint, type CodeOwner } from './managed-by.ts';
import { planCaveats } from './plan-caveats.ts';
import { staged } from './staging.ts';
import type { CandidateKind, Plan, PlanBy, Removal, RulePlace, Skipped, Stage } from './plan.ts';
import { groupPlans } from './group-proposal.ts';
import { candidacyOf, staysWide, type Circumstances } from './removal-candidates.ts';
import type { RemovalEvidence } from './removal-evidence.ts';
import { removalSet, type CoverSet, type RemovalSet } from './removal-set.ts';
import { foreignOwner, ownAccounts } from '../../inventory/accounts.ts';
import { dayOf, isoDay, isoTime, type Day, windowOf, type Window } from '../../time.ts';
import type { JudgedRule } from '../judged-rule.ts';

/**
 * Tracked connections that idle outlive their rule by up to 5 days (432,000 s, the longest timeout there is); a week has
 * every weekday's traffic in it as well.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html#connection-tracking-timeouts
 */
const WAIT_DAYS = 7;

export interface PlanOptions {
  /** UNIX seconds. */
  readonly asOf: number;
  readonly windowDays: number;
  /** UNIX seconds; vouches for rules whose age the report does not know. */
  readonly rulesKnownSince?: number | undefined;
  /** Why a rule stays whatever the verdict; undefined for one that may go. */
  readonly leftOut?: (rule: Rule, priority: number) => string | undefined;
  /** Of a VPC. */
  readonly maxPerStage?: number | undefined;
  /** Rules that a tool or a service writes go in stages all the same. */
  readonly includeManaged?: boolean | undefined;
  /** Keys of tags that mark such rules, see {@link codeOwners}. */
  readonly managedTags?: readonly string[] | undefined;
  /** Who declares a rule in code, by what else is known of that. */
  readonly declaredBy?: ((rule: Rule) => readonly CodeOwner[]) | undefined;
  /** Rules whose group was watched on fewer days stay. */
  readonly minDays?: number | undefined;
  /** Whose stages wait for each other; by default those of a VPC. */
  readonly by?: PlanBy | undefined;
  /** The key of the tag that names owners, before those that are usual. */
  readonly ownerTag?: string | undefined;
  /** Days whose service flows narrower rules know; by default those of the evidence. */
  readonly narrowedDays?: ReadonlySet<Day> | undefined;
  readonly place?: AwsPlace;
}

/** So long after `asOf` a plan may be carried out: what was not seen then may be used by now. */
const GOOD_FOR_DAYS = 30;

/** The days that each rule's verdict speaks of. */
export function windowsOf({ asOf, windowDays }: Pick<PlanOptions, 'asOf' | 'windowDays'>): (rule: Rule) => Window {
  const windows = new Map<number, Window>();
  return (rule) => {
    const days = windowDaysOf(rule, windowDays);
    let window = windows.get(days);
    if (!window) windows.set(days, (window = windowOf(asOf, days)));
    return window;
  };
}

/** Where the evidence came from, and of which days it is. */
export interface EvidenceDays {
  readonly source: string;
  readonly days: ReadonlySet<Day>;
}

/**
 * What may be removed together without cutting off anything that was seen, the most exposed rules first; where rules
 * cover each other, the narrower ones stay. Stale rules go in the first stages, redundant ones in later stages.
 *
 * @param rules of the inventory, in any order
 */
export function planRemoval(
  rules: readonly JudgedRule[],
  inventory: Inventory,
  evidence: RemovalEvidence,
  { source, days }: EvidenceDays,
  options: PlanOptions,
): Plan {
  const windowOfRule = windowsOf(options);
  const accounts = ownAccounts(inventory);
  const ordered = mostExposedFirst(rules, inventory);
  const found: Record<CandidateKind, JudgedRule[]> = { stale: [], redundant: [] };
  const skipped: Skipped[] = [];
  const skip = ({ rule: { ruleId, groupId, groupName }, report }: JudgedRule, reason: string): void => {
    skipped.push({ ruleId, groupId, groupName, verdict: report.verdict.kind, reason });
  };
  const circumstancesOf = ({ rule, report }: JudgedRule): Circumstances => {
    const window = windowOfRule(rule);
    return {
      window,
      group: inventory.groups.get(rule.groupId),
      rulesKnownSince: options.rulesKnownSince,
      leftOut: options.leftOut?.(rule, report.rank?.score ?? 0),
      seen: evidence.of(rule),
      missingDays: missingOf(window, days),
      minDays: options.minDays ?? PLAN_DAYS,
      foreignOwner: foreignOwner(inventory, rule.groupId, accounts),
    };
  };
  for (const one of ordered) {
    const candidacy = candidacyOf(one, circumstancesOf(one));
    if (candidacy.kind === 'stays') skip(one, candidacy.reason);
    else if (candidacy.kind !== 'inUse') found[candidacy.kind].push(one);
  }

  const young = new Set(rules.flatMap(({ rule, report }) => (report.evidence.young ? [rule.ruleId] : [])));
  const byRule = new Map(rules.map((one) => [one.rule, one]));
  const candidates = [...found.stale, ...found.redundant].map(({ rule }) => {
    return { rule, firstDay: windowOfRule(rule).firstDay };
  });
  const byId = new Map(inventory.rules.map((rule) => [rule.ruleId, rule]));
  const sets = [...evidence.sets, ...found.redundant.map((one) => verdictSet(one, byId))];
  const { removed, kept } = removalSet(
    candidates,
    sets,
    evidence.covers(({ ruleId }) => !young.has(ruleId)),
  );
  for (const { rule, neededFor } of kept) skip(byRule.get(rule)!, neededText(rule, neededFor));

  const removals = removed.map((one) => ({ removal: removalOf(one, byRule, inventory, options), ...one }));
  const isInCode = ({ removal }: Part): boolean => removal.managedBy.length > 0 && !options.includeManaged;
  const scripted = removals.filter((one) => !isInCode(one));
  const window = windowOf(options.asOf, options.windowDays);
  const missingDays = missingOf(window, days);
  const { by = 'vpc', maxPerStage = Infinity, place = {} } = options;
  const stages = staged(scripted, by, maxPerStage).map(({ of, parts }, i) => ({
    ...stageOf(i + 1, parts, inventory, place),
    ...(of !== undefined && { of }),
  }));
  const inCode = removals.filter(isInCode).map(({ removal }) => removal);
  const inStages = stages.flatMap((stage) => stage.removals);
  const planned = [...inStages, ...inCode];
  const groups = groupPlans({
    rules,
    inventory,
    removals: new Map(inStages.map((removal) => [removal.rule.ruleId, removal])),
    inCode: new Set(inCode.map(({ rule }) => rule.ruleId)),
    skipped: new Map(skipped.map(({ ruleId, reason }) => [ruleId, reason])),
    staysWide: (one) => {
      const [owner] = options.includeManaged ? [] : managersOf(one.rule, inventory, options);
      const known = daysOf(windowOfRule(one.rule)).filter((day) => (options.narrowedDays ?? days).has(day));
      return owner?.note ?? staysWide(one, circumstancesOf(one), known);
    },
    isInDoubt: ({ rule, report }) => report.possibleTimes + evidence.of(rule).possibleFlows > 0,
    placeOf: (rule) => placeOf(rule, inventory, place),
    commandsAt: (at) => commandsAt(at, place),
  });
  return {
    schemaVersion: 1,
    asOf: isoTime(options.asOf),
    windowDays: options.windowDays,
    accounts: [...(accounts ?? [])].sort(compareText),
    regions: [...new Set(planned.map(({ region }) => region))].filter((one) => one !== '').sort(compareText),
    profile: options.place?.profile ?? null,
    caveats: planCaveats(planned, byRule, { ...options, days: window.days, missingDays }),
    goodUntil: isoDay(dayOf(options.asOf) + GOOD_FOR_DAYS),
    evidence: { source, days: window.days - missingDays.length, missingDays: missingDays.map(isoDay) },
    ...(by !== 'vpc' && { by }),
    stages,
    inCode,
    skipped: skipped.sort((a, b) => compareText(a.groupId, b.groupId) || compareText(a.ruleId, b.ruleId)),
    groups,
  };
}

/** What the verdict rests on may be more than the evidence shows: one of the rules it names must stay. */
function verdictSet({ rule, report: { verdict } }: JudgedRule, byId: ReadonlyMap<string, Rule>): CoverSet<Rule> {
  const covers = verdict.kind === 'redundant' ? verdict.coveredBy : [];
  return { members: [rule], keepers: covers.flatMap((ruleId) => byId.get(ruleId) ?? []), lastDay: Infinity };
}

/** Of rules as exposed as each other, more ports first: the narrower one stays; then by id, the same on every machine. */
function mostExposedFirst(rules: readonly JudgedRule[], inventory: Inventory): JudgedRule[] {
  return rules
    .map((one) => {
      const { ports } = one.rule;
      return { one, exposure: exposureOf(one.rule, inventory), width: ports ? ports.to - ports.from : Infinity };
    })
    .sort(
      (a, b) =>
        b.exposure - a.exposure ||
        (b.width === a.width ? 0 : b.width - a.width) ||
        compareText(a.one.rule.ruleId, b.one.rule.ruleId),
    )
    .map(({ one }) => one);
}

function missingOf(window: Window, days: ReadonlySet<Day>): Day[] {
  return daysOf(window).filter((day) => !days.has(day));
}

function daysOf({ firstDay, lastObservedDay }: Window): Day[] {
  return Array.from({ length: lastObservedDay - firstDay + 1 }, (_, i) => firstDay + i);
}

/** Rules that are to stay, though unused or redundant: what would be left of a set without them. */
function neededText(rule: Rule, { members, keepers }: RemovalSet<Rule>['kept'][number]['neededFor']): string {
  const others = members.filter((one) => one !== rule).map(({ ruleId }) => ruleId);
  if (keepers.some((one) => one !== rule))
    return `takes over from ${others.join(', ')}, of which none that covers all stays`;
  const gone = others.length === 0 ? '' : ` (${others.join(', ')})`;
  return `no other rule that admitted the same${gone} stands unchanged where the flows were seen`;
}

/** Whom else to ask. */
function lastChange({ changes = [] }: JudgedRule['report']): string[] {
  const last = changes.findLast(({ by }) => by !== '');
  return last ? [`${last.what} ${last.time} by ${last.by}: ask there`] : [];
}

function removalOf(
  { rule, coveredBy }: RemovalSet<Rule>['removed'][number],
  byRule: ReadonlyMap<Rule, JudgedRule>,
  inventory: Inventory,
  options: PlanOptions,
): Removal {
  const { place = {}, ownerTag } = options;
  const { report } = byRule.get(rule)!;
  const owner = ownerOf(rule, inventory.groups.get(rule.groupId), ownerTag);
  const at = placeOf(rule, inventory, place);
  const commands = commandsAt(at, place);
  const reserved = Object.keys(rule.tags).filter(isReservedTag);
  return {
    rule,
    ...at,
    peerName: peerName(rule.peer, inventory),
    owner: owner?.name ?? null,
    verdict: report.verdict.kind as CandidateKind,
    why: report.why,
    lastUsed: report.lastUsed,
    coveredBy: coveredBy.map(({ ruleId }) => ruleId),
    cutsUntracked: report.untrackedReplies > 0,
    notes: [
      ...danglingReferences({ ...inventory, rules: [rule] }, []).map(
        ({ groupId, detail }) => `the undo cannot make it again while ${groupId} is missing: ${detail}`,
      ),
      ...(owner ? [`owner: ${owner.name} (${owner.from})`] : []),
      ...lastChange(report),
      ...(reserved.length > 0 ? [`the undo cannot set tags that belong to AWS: ${reserved.join(', ')}`] : []),
    ],
    managedBy: managersOf(rule, inventory, options),
    check: checkCommand(rule, commands),
    command: revokeCommand(rule, commands),
    undo: authorizeCommand(rule, commands),
    terraform: terraformHint(rule),
  };
}

function managersOf(
  rule: Rule,
  { groups }: Inventory,
  { managedTags, declaredBy = () => [] }: PlanOptions,
): CodeOwner[] {
  return [...declaredBy(rule), ...codeOwners(rule, groups.get(rule.groupId), managedTags)];
}

interface Part {
  readonly removal: Removal;
  readonly coveredBy: readonly Rule[];
}

function stageOf(number: number, part: readonly Part[], inventory: Inventory, place: AwsPlace): Stage {
  const keepers = new Set(part.flatMap(({ coveredBy }) => coveredBy));
  return {
    number,
    waitDays: WAIT_DAYS,
    keepers: [...keepers].map((rule) => {
      const at = placeOf(rule, inventory, place);
      return { ruleId: rule.ruleId, ...at, check: checkCommand(rule, commandsAt(at, place)) };
    }),
    removals: part.map(({ removal }) => removal),
  };
}

/** @param place whose Region is that of rules whose group does not tell: in another one each would look gone */
function placeOf({ groupId }: Rule, { groups }: Inventory, { region }: AwsPlace): RulePlace {
  const group = groups.get(groupId);
  return {
    accountId: group?.ownerId ?? '',
    region: (group?.region ?? '') || (region ?? ''),
    vpcId: group?.vpcId ?? '',
  };
}

/** An unknown Region is left to the AWS CLI. */
function commandsAt({ region }: RulePlace, { profile }: AwsPlace): AwsPlace {
  return { region: region === '' ? undefined : region, profile };
}
