import type { Finding } from '../../advice/findings/finding.ts';
import { defaultGroupsText, isOfDefaultGroup } from '../doable.ts';
import { bar, el, link, name, type Child } from './dom.ts';
import type { PageGroupPlan, PageReport } from './packed-report.ts';
import { placeHash, type Place } from './place.ts';
import { links } from './removal.ts';
import { NO_FILTER } from './rows.ts';
import { ruleLink } from './rules-table.ts';
import { nameAndId } from '../../text/name-and-id.ts';
import { count, figure, percent } from '../../text/numbers.ts';

const FINDINGS_SHOWN = 500;

const KIND_NAME: Readonly<Record<Finding['kind'], string>> = {
  groupOnNoInterface: 'Group on no interface',
  danglingReference: 'Dangling reference',
  coveredByRules: 'Covered by other rules',
  duplicateRules: 'Duplicate rules',
  openToWorld: 'Open to the world',
};

/** What the inventory alone shows. */
export function findingsView({ findings: all, rules, plan }: PageReport, place: Place): Node[] {
  const findings = all.filter((found) => !isOfDefaultGroup(found));
  const defaultGroups = defaultGroupsText(rules);
  const ofDefaults = defaultGroups === undefined ? [] : [el('p', { class: 'muted aside' }, defaultGroups)];
  const heading = el('h1', {}, 'Findings');
  const groups = groupsPart(plan?.groups ?? [], place);
  if (findings.length === 0)
    return [heading, ...ofDefaults, ...(groups.length > 0 ? groups : [el('p', {}, 'Nothing was found.')])];
  const rest = findings.length - FINDINGS_SHOWN;
  return [
    heading,
    el('p', { class: 'lead' }, 'What the rules themselves show, whatever the traffic was. The most urgent first.'),
    el(
      'ol',
      { class: 'plain' },
      ...findings.slice(0, FINDINGS_SHOWN).map(({ finding, rank, text }) => {
        return el(
          'li',
          { class: 'card finding' },
          el('p', { class: 'rank' }, bar(rank / 100), `priority ${rank.toFixed(0)}`),
          el('h2', {}, KIND_NAME[finding.kind]),
          el('p', { dir: 'auto' }, text),
          el('p', {}, ...concerned(finding, place)),
        );
      }),
    ),
    ...(rest > 0 ? [el('p', {}, `… and ${figure(rest)} more in usage.json.`)] : []),
    ...ofDefaults,
    ...groups,
  ];
}

/** Groups most of whose rules nobody needs as they are, each opened when asked for. */
function groupsPart(groups: readonly PageGroupPlan[], place: Place): Node[] {
  if (groups.length === 0) return [];
  const rest = groups.length - FINDINGS_SHOWN;
  return [
    el('h2', {}, 'What a group could be'),
    el(
      'p',
      { class: 'muted' },
      'Of groups more than half of whose rules are unused, redundant or too wide: the fewest rules that admit what was seen, inside what they admit now. The commands are in plan.md, which stale-sg plan writes.',
    ),
    ...groups.slice(0, FINDINGS_SHOWN).map((group) => groupPart(group, place)),
    ...(rest > 0 ? [el('p', {}, `… and ${figure(rest)} more in usage.json.`)] : []),
  ];
}

function groupPart({ groupId, groupName, rules, reason, proposal }: PageGroupPlan, place: Place): HTMLElement {
  const after = proposal ? `${count(proposal.keeps.length + proposal.adds.length, 'rule')} then` : 'no proposal';
  const title = el('summary', {}, name(nameAndId(groupName, groupId)), `: ${count(rules, 'rule')} now, ${after}`);
  const part = el('details', { class: 'stage' }, title);
  const content = (): Child[] => {
    if (!proposal) return [el('p', { dir: 'auto' }, reason ?? '')];
    const { keeps, adds, removes, caveats } = proposal;
    return [
      ...(adds.length === 0
        ? []
        : [el('p', {}, 'New: '), listOf(adds.map((text) => el('span', { dir: 'auto' }, text)))]),
      el('p', {}, 'Go:'),
      listOf(
        removes.map(({ ruleId, givesUp }) =>
          el(
            'span',
            {},
            ruleLink(ruleId, place),
            givesUp === undefined ? ', by a stage of the plan' : `, too wide: ${percent(givesUp)} of it is given up`,
          ),
        ),
      ),
      ...(keeps.length === 0 ? [] : [el('p', {}, 'Stay as they are: ', ...links(keeps, place))]),
      ...caveats.map((caveat) => el('p', { class: 'warning', dir: 'auto' }, caveat)),
    ];
  };
  part.addEventListener('toggle', () => part.append(...content().filter((child) => child !== null)), { once: true });
  return part;
}

function listOf(items: readonly HTMLElement[]): HTMLElement {
  return el('ul', {}, ...items.map((item) => el('li', {}, item)));
}

/** Links to the rules that a finding is about. */
function concerned(finding: Finding, place: Place): Child[] {
  switch (finding.kind) {
    case 'groupOnNoInterface': {
      const filter = { ...NO_FILTER, groupId: finding.groupId };
      return [link(placeHash({ view: 'rules', filter }), `Rules of ${finding.groupId}`)];
    }
    case 'danglingReference':
    case 'openToWorld':
      return links([finding.ruleId], place);
    case 'coveredByRules':
      return [...links([finding.ruleId], place), ' covered by ', ...links(finding.coveredBy, place)];
    case 'duplicateRules':
      return links(finding.ruleIds, place);
  }
}

/** The rules that a finding names, other than those of a whole group. */
export function rulesOf(finding: Finding): readonly string[] {
  switch (finding.kind) {
    case 'groupOnNoInterface':
      return [];
    case 'danglingReference':
    case 'openToWorld':
    case 'coveredByRules':
      return [finding.ruleId];
    case 'duplicateRules':
      return finding.ruleIds;
  }
}
