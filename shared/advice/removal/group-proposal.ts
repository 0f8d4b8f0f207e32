import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { ruleContent } from '../../inventory/content.ts';
import { peerName } from '../../inventory/peer-name.ts';
import { compareText } from '../../text/compare.ts';
import { ruleText } from '../../text/rule-text.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { CAVEATS, CAVEAT_TEXTS, type Caveat } from '../narrowing/narrower.ts';
import { authorizeCommand, checkCommand, revokeCommand, revokeContentCommand, type AwsPlace } from './aws-commands.ts';
import { fewest, isInside, proposedAs } from './fewest-rules.ts';
import type { GroupPlan, Removal, RulePlace, Skipped } from './plan.ts';

/**
 * Rules that a group may have in each direction, unless AWS was asked for more; of IPv4 and IPv6 apart. A rule that names a
 * group counts for both, one that names a list as many times as the list may have entries.
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
 */
const RULES_PER_GROUP = 60;

/** What a group could be rests on what else the plan says. */
export interface ProposalGrounds {
  readonly rules: readonly JudgedRule[];
  readonly inventory: Inventory;
  /** What the stages remove, by the rule's id. */
  readonly removals: ReadonlyMap<string, Removal>;
  /** Ids of rules that may go as well, in the code that declares them: nothing rests on these. */
  readonly inCode: ReadonlySet<string>;
  /** Why a rule stays though it is unused or redundant, by its id. */
  readonly skipped: ReadonlyMap<string, string>;
  /** Why a rule that could be narrower stays as it is; undefined where it need not. */
  readonly staysWide: (one: JudgedRule) => string | undefined;
  /** Whether it may have admitted flows that no rule is known to admit. */
  readonly isInDoubt: (one: JudgedRule) => boolean;
  readonly placeOf: (rule: Rule) => RulePlace;
  readonly commandsAt: (at: RulePlace) => AwsPlace;
}

/**
 * Of each group more than half of whose rules are unused, redundant or too wide: the fewest rules that admit what was seen, as one
 * proposal, or why there is none. What stages remove goes, what could be narrower is, and all else stays as it is: a group is
 * never wider than before, and all that a rule which goes or is narrowed was seen to admit, another one still does.
 */
export function groupPlans(grounds: ProposalGrounds): GroupPlan[] {
  const groups = [...Map.groupBy(grounds.rules, ({ rule }) => rule.groupId).values()];
  return groups
    .filter((rules) => 2 * rules.filter(isUnneeded).length > rules.length)
    .map((rules) => {
      const { groupId, groupName } = rules[0]!.rule;
      const found = proposalOf(rules, grounds);
      return {
        groupId,
        groupName,
        ...grounds.placeOf(rules[0]!.rule),
        rules: rules.length,
        unneeded: rules.filter(isUnneeded).length,
        ...(typeof found === 'string' ? { proposal: null, reason: found } : { proposal: found, reason: null }),
      };
    })
    .sort((a, b) => compareText(a.groupId, b.groupId));
}

/**
 * No proposal for a group of which a report no longer speaks whole: a rule that is new, gone, edited or used since, or may have
 * been, is in none.
 */
export function unlessChanged(groups: readonly GroupPlan[], leftOut: readonly Skipped[]): GroupPlan[] {
  const changed = new Map(leftOut.map((one) => [one.groupId, one]));
  return groups.map((group) => {
    const since = changed.get(group.groupId);
    if (!since || !group.proposal) return group;
    return { ...group, proposal: null, reason: `the report does not know all of it: ${since.ruleId}: ${since.reason}` };
  });
}

function isUnneeded({ report: { verdict, narrower } }: JudgedRule): boolean {
  return verdict.kind === 'stale' || verdict.kind === 'redundant' || Boolean(narrower);
}

/** A rule in the place of which narrower ones come. */
interface Narrowed {
  readonly one: JudgedRule;
  readonly parts: readonly Rule[];
}

function proposalOf(
  rules: readonly JudgedRule[],
  grounds: ProposalGrounds,
): NonNullable<GroupPlan['proposal']> | string {
  const doubtful = rules.find(grounds.isInDoubt);
  if (doubtful) {
    return `${doubtful.rule.ruleId} may have admitted flows that no rule is known to admit: they may need any rule of the group as it is`;
  }
  const kept: { one: JudgedRule; reason: string }[] = [];
  let narrowed: Narrowed[] = [];
  const gone: Removal[] = [];
  for (const one of rules) {
    const { rule, report } = one;
    const removal = grounds.removals.get(rule.ruleId);
    const stays = removal || !report.narrower ? undefined : grounds.staysWide(one);
    if (removal) gone.push(removal);
    else if (report.narrower && stays === undefined)
      narrowed.push({ one, parts: report.narrower.rules.map((part) => proposedAs(part, rule)) });
    else kept.push({ one, reason: stays ?? grounds.skipped.get(rule.ruleId) ?? report.why });
  }
  const present = rules.map(({ rule }) => rule);
  const byContent = new Map(present.map((rule) => [ruleContent(rule), rule.ruleId]));
  let wanted: Rule[] = [];
  for (;;) {
    const stands = kept.filter(({ one }) => !grounds.inCode.has(one.rule.ruleId));
    wanted = fewest(
      narrowed.flatMap(({ parts }) => parts).filter((part) => !stands.some(({ one }) => isInside(part, one.rule))),
      (rule) => present.some((one) => isInside(rule, one)),
    );
    // AWS refuses to make a rule twice, and what is taken out of code later is missed.
    const clash = wanted.find((rule) => grounds.inCode.has(byContent.get(ruleContent(rule)) ?? ''));
    if (!clash) break;
    const [wide, others] = [
      narrowed.filter((one) => isPartOf(one, clash)),
      narrowed.filter((one) => !isPartOf(one, clash)),
    ];
    const reason = `${byContent.get(ruleContent(clash))!}, which is to be changed in code, says what it could be narrowed to`;
    kept.push(...wide.map(({ one }) => ({ one, reason })));
    narrowed = others;
  }
  if (gone.length + narrowed.length === 0) {
    const [first] = kept.filter(({ one }) => isUnneeded(one));
    return `none of its rules may change: ${first!.one.rule.ruleId} stays, since ${first!.reason}`;
  }
  const contents = new Set(wanted.map(ruleContent));
  const going = gone.filter(({ rule }) => !contents.has(ruleContent(rule as Rule)));
  const after = mostInOneDirection([...kept.map(({ one }) => one.rule), ...wanted], grounds.inventory);
  if (after > RULES_PER_GROUP) {
    return `it would take ${String(after)} rules in one direction, and AWS lets a group have ${String(RULES_PER_GROUP)}`;
  }
  const both = mostInOneDirection(
    [...present, ...wanted.filter((rule) => !byContent.has(ruleContent(rule)))],
    grounds.inventory,
  );
  const parts = narrowed.flatMap((one) => one.parts);
  const keepers = kept.filter(({ one }) => parts.some((part) => isInside(part, one.rule)));
  return {
    keepers: keepers.map(({ one }) => keeper(one.rule, grounds)).sort(byRule),
    keeps: kept
      .map(({ one, reason }) => ({ ruleId: one.rule.ruleId, admits: admitsText(one.rule, grounds), reason }))
      .sort(byRule),
    adds: wanted.map((rule) => addition(rule, byContent.get(ruleContent(rule)) ?? null, narrowed, grounds)),
    removes: [...going.map(removed), ...narrowed.map(({ one }) => replaced(one, grounds))].sort(byRule),
    caveats: caveatsOf(going, narrowed, both),
  };
}

/** Of either family. A list counts with its entries, where they are known; what AWS counts may be more. */
function mostInOneDirection(rules: readonly Rule[], { prefixLists }: Inventory): number {
  const counts = (['ingress', 'egress'] as const).flatMap((direction) =>
    ([4, 6] as const).map((family) =>
      rules.reduce((sum, { direction: way, peer }) => {
        if (way !== direction) return sum;
        if ('prefix' in peer) return peer.prefix.address.family === family ? sum + 1 : sum;
        const list = peer.type === 'prefixList' ? prefixLists.get(peer.value) : undefined;
        if (list?.family !== undefined && list.family !== family) return sum;
        return sum + Math.max(1, list?.entries?.length ?? 1);
      }, 0),
    ),
  );
  return Math.max(...counts);
}

function byRule(a: { readonly ruleId: string }, b: { readonly ruleId: string }): number {
  return compareText(a.ruleId, b.ruleId);
}

type Proposed = NonNullable<GroupPlan['proposal']>;

function keeper(rule: Rule, { placeOf, commandsAt }: ProposalGrounds): Proposed['keepers'][number] {
  const at = placeOf(rule);
  return { ruleId: rule.ruleId, ...at, check: checkCommand(rule, commandsAt(at)) };
}

function isPartOf({ parts }: Narrowed, rule: Rule): boolean {
  return parts.some((part) => isInside(part, rule));
}

function addition(
  rule: Rule,
  standsAs: string | null,
  narrowed: readonly Narrowed[],
  { placeOf, commandsAt }: ProposalGrounds,
): Proposed['adds'][number] {
  const commands = commandsAt(placeOf(rule));
  const old = narrowed.filter((one) => isPartOf(one, rule));
  return {
    rule,
    standsAs,
    insteadOf: old.map(({ one }) => one.rule.ruleId).sort(compareText),
    command: authorizeCommand(rule, commands),
    undo: revokeContentCommand(rule, commands),
  };
}

function admitsText(rule: Rule, { inventory }: ProposalGrounds): string {
  return ruleText(rule, { peerName: peerName(rule.peer, inventory) });
}

function removed({ rule, peerName: named, why, check, command, undo }: Removal): Proposed['removes'][number] {
  return {
    ruleId: rule.ruleId,
    admits: ruleText(rule, { peerName: named }),
    isNarrowed: false,
    givesUp: 1,
    why,
    check,
    command,
    undo,
  };
}

function replaced({ rule, report }: JudgedRule, grounds: ProposalGrounds): Proposed['removes'][number] {
  const { placeOf, commandsAt } = grounds;
  const commands = commandsAt(placeOf(rule));
  return {
    ruleId: rule.ruleId,
    admits: admitsText(rule, grounds),
    isNarrowed: true,
    givesUp: report.narrower!.givesUp,
    why: report.why,
    check: checkCommand(rule, commands),
    command: revokeCommand(rule, commands),
    undo: authorizeCommand(rule, commands),
  };
}

function caveatsOf(gone: readonly Removal[], narrowed: readonly Narrowed[], both: number): string[] {
  const ids = (some: readonly Narrowed[]): string => some.map(({ one }) => one.rule.ruleId).join(', ');
  const told = (caveat: Caveat): string[] => {
    const some = narrowed.filter(({ one }) => one.report.narrower!.caveats.includes(caveat));
    return some.length === 0 ? [] : [`${ids(some)}: ${CAVEAT_TEXTS[caveat]}`];
  };
  const days = Math.min(...narrowed.map(({ one }) => one.report.narrower!.days));
  const open = narrowed.filter(({ one: { rule } }) => isOpenToAll(rule));
  const deaf = narrowed.filter(({ one: { rule }, parts }) => rule.protocolNumber === undefined && !parts.some(isIcmp));
  const cut = gone.filter(({ cutsUntracked }) => cutsUntracked).map(({ rule }) => rule.ruleId);
  return [
    ...(narrowed.length === 0
      ? []
      : [
          `What was not seen on ${String(days)} days of evidence, at least, is given up with what the rules were too wide for`,
        ]),
    ...CAVEATS.flatMap(told),
    ...(deaf.length === 0
      ? []
      : [
          `${ids(deaf)}: gives up ICMP, which hosts need to learn of smaller packets on a path (path MTU) where connections are not tracked: that is rare, and was not seen`,
        ]),
    ...(cut.length === 0 ? [] : [`${cut.join(', ')}: replies of untracked connections pass by it, and are cut once`]),
    ...(open.length === 0
      ? []
      : [
          `${ids(open)}: connections by a rule for all addresses may be untracked; they are tracked from then on, and those that are open may be cut once`,
        ]),
    ...(both > RULES_PER_GROUP
      ? [
          `Until the old rules go, the group has ${String(both)} in one direction, and AWS lets it have ${String(RULES_PER_GROUP)}: take away first what goes for good`,
        ]
      : []),
  ];
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html */
function isIcmp({ icmp }: Rule): boolean {
  return icmp !== undefined;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html#untracked-connections */
function isOpenToAll({ peer, protocolNumber, ports }: Rule): boolean {
  return 'prefix' in peer && peer.prefix.length === 0 && (protocolNumber === undefined || ports !== undefined);
}
