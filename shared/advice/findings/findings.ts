import { nameAndId } from '../../text/name-and-id.ts';
import type { Names } from '../../inventory/peer-name.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { compareText } from '../../text/compare.ts';
import { coveredRules } from './covered-rules.ts';
import { danglingReferences } from './dangling-references.ts';
import { exposureOf } from '../exposure/exposure.ts';
import type { Finding, FindingKind, RankedFinding } from './finding.ts';
import { openToWorld } from './open-to-world.ts';
import { scoreOf } from '../exposure/rank.ts';
import { unattachedGroups } from './unattached-groups.ts';
import { shown } from '../../text/plain.ts';
import type { StaleReference } from '../../inventory/stale-references.ts';

/** What is known in addition to the inventory. */
export interface FindingFacts {
  /** What AWS says of references that lead nowhere; empty where nobody asked. */
  readonly staleReferences: readonly StaleReference[];
  /** How idle each rule is, 0 to 1, by id: see `Rank`. A rule that is not there counts as idle. */
  readonly idleness: ReadonlyMap<string, number>;
  /** Ids of rules that a plan removes; no finding says of what leans on them that it may go as well. */
  readonly planned?: ReadonlySet<string>;
}

/** How much of the exposure of the rules concerned counts; `openToWorld` by how idle the rule is as well. */
const WEIGHTS: Readonly<Record<FindingKind, number>> = {
  openToWorld: 1,
  groupOnNoInterface: 0.25,
  danglingReference: 0.25,
  coveredByRules: 0.25,
  duplicateRules: 0.25,
};
/** A dangerous door is a finding even if it is in use. */
const EVEN_IF_USED = 0.5;

/** What the inventory alone shows, the highest rank first; of equal rank in a fixed order. */
export function findings(inventory: Inventory, facts: FindingFacts): RankedFinding[] {
  const rulesOf = Map.groupBy(inventory.rules, ({ groupId }) => groupId);
  const byId = new Map(inventory.rules.map((rule) => [rule.ruleId, rule]));
  const concerned = (finding: Finding): Rule[] => {
    if (finding.kind === 'groupOnNoInterface') return rulesOf.get(finding.groupId) ?? [];
    const ids = finding.kind === 'duplicateRules' ? finding.ruleIds : [finding.ruleId];
    return ids.flatMap((ruleId) => byId.get(ruleId) ?? []);
  };
  const found: Finding[] = [
    ...openToWorld(inventory),
    ...danglingReferences(inventory, facts.staleReferences),
    ...coveredRules(inventory, facts.planned),
    ...unattachedGroups(inventory),
  ];
  return found
    .map((finding) => {
      const exposure = Math.max(0, ...concerned(finding).map((rule) => exposureOf(rule, inventory)));
      return { finding, rank: scoreOf(exposure * weightOf(finding, facts)), text: findingText(finding, inventory) };
    })
    .sort(
      (a, b) =>
        b.rank - a.rank || compareText(a.finding.kind, b.finding.kind) || compareText(idOf(a.finding), idOf(b.finding)),
    );
}

function weightOf(finding: Finding, { idleness }: FindingFacts): number {
  const weight = WEIGHTS[finding.kind];
  if (finding.kind !== 'openToWorld') return weight;
  return weight * (EVEN_IF_USED + (1 - EVEN_IF_USED) * (idleness.get(finding.ruleId) ?? 1));
}

function idOf(finding: Finding): string {
  return 'ruleId' in finding ? finding.ruleId : finding.groupId;
}

/** One sentence. Holds text of others (names): escape it where it is shown. */
function findingText(finding: Finding, { groups, prefixLists }: Names): string {
  const listText = (id: string): string => nameAndId(safe(prefixLists.get(id)?.name), id);
  switch (finding.kind) {
    case 'openToWorld':
      return `${finding.ruleId} lets every address reach ${finding.service}`;
    case 'danglingReference':
      return `${finding.ruleId} refers to ${finding.groupId}: ${finding.detail}`;
    case 'duplicateRules':
      return `${finding.ruleIds.join(', ')} say the same: one must stay`;
    case 'coveredByRules': {
      const where =
        finding.within === 'group'
          ? 'of its own group'
          : 'on every interface that carries its group now; one that is still to come may have other groups';
      const stay = finding.mustStay ? '; but rules that may go lean on it, so it must stay with them gone' : '';
      const lists =
        finding.restsOnLists.length > 0
          ? `; as long as the entries of ${finding.restsOnLists.map(listText).join(' and ')} stay as they are`
          : '';
      return `all that ${finding.ruleId} admits is admitted by ${finding.coveredBy.join(' and ')}, ${where}${lists}${stay}`;
    }
    case 'groupOnNoInterface': {
      const isDefault = groups.get(finding.groupId)?.groupName === 'default';
      const name = nameAndId(safe(finding.groupName), finding.groupId);
      const still = isDefault
        ? 'as the default group of its VPC it cannot be deleted, and whatever is launched without a group gets it'
        : 'launch templates, Lambda functions, ECS services, RDS or services scaled to zero may still name it';
      return `${name} is on no interface, and no other group refers to it; ${still}`;
    }
  }
}

function safe(name: string | undefined): string {
  return name === undefined || name === '' ? '' : shown(name);
}
