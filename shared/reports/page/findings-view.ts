import type { Finding } from '../../advice/findings/finding.ts';
import { bar, el, link, type Child } from './dom.ts';
import type { PageReport } from './packed-report.ts';
import { placeHash, type Place } from './place.ts';
import { links } from './removal.ts';
import { NO_FILTER } from './rows.ts';

import { figure } from '../../text/numbers.ts';

const FINDINGS_SHOWN = 500;

const KIND_NAME: Readonly<Record<Finding['kind'], string>> = {
  groupOnNoInterface: 'Group on no interface',
  danglingReference: 'Dangling reference',
  coveredByRules: 'Covered by other rules',
  duplicateRules: 'Duplicate rules',
  openToWorld: 'Open to the world',
};

/** What the inventory alone shows. */
export function findingsView({ findings }: PageReport, place: Place): Node[] {
  const heading = el('h1', {}, 'Findings');
  if (findings.length === 0) return [heading, el('p', {}, 'Nothing was found.')];
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
          el('p', { class: 'rank' }, bar(rank / 100), `rank ${rank.toFixed(0)}`),
          el('h2', {}, KIND_NAME[finding.kind]),
          el('p', { dir: 'auto' }, text),
          el('p', {}, ...concerned(finding, place)),
        );
      }),
    ),
    ...(rest > 0 ? [el('p', {}, `… and ${figure(rest)} more in usage.json.`)] : []),
  ];
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
