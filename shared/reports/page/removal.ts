import { command } from './commands.ts';
import { el, type Child } from './dom.ts';
import type { PageRemoval } from './packed-report.ts';
import type { Place } from './place.ts';
import { ruleLink } from './rules-table.ts';

export const UNTRACKED =
  'Replies of untracked connections pass by this rule: removing it cuts the connections that are open, once.';

/** How to remove a rule, what to know before, and the way back; no commands for what would come back (`isInCode`). */
export function removalPart(
  { coveredBy, cutsUntracked, notes, managedBy, check, command: run, undo, terraform }: PageRemoval,
  place: Place,
  { isInCode = false }: { readonly isInCode?: boolean } = {},
): Node[] {
  return [
    coveredBy.length === 0 ? null : el('p', {}, 'Stay, and admit the same: ', ...links(coveredBy, place)),
    cutsUntracked ? el('p', { class: 'warning' }, UNTRACKED) : null,
    ...[...managedBy.map(({ note }) => note), ...notes].map((note) => el('p', { class: 'warning', dir: 'auto' }, note)),
    ...(isInCode ? [] : [command('Check', check), command('Remove', run), command('Undo', undo)]),
    el(
      'details',
      {},
      el('summary', {}, 'If Terraform manages it'),
      el(
        'p',
        {},
        'Remove it there instead: ',
        el('code', {}, terraform.resource),
        ', imported as ',
        el('code', {}, terraform.importId),
        '.',
      ),
      ...terraform.lookUp.map((lookUp) => command('Look up', lookUp)),
    ),
  ].filter((node) => node !== null);
}

export function links(ruleIds: readonly string[], place: Place): Child[] {
  return ruleIds.flatMap((ruleId, i) => [i === 0 ? null : ', ', ruleLink(ruleId, place)]);
}
