import { VERDICT_NAME } from '../verdict-text.ts';
import { command } from './commands.ts';
import { el, name, plainTable, type Child } from './dom.ts';
import type { PagePlan, PageRemoval, PageReport, PageStage } from './packed-report.ts';
import type { Place } from './place.ts';
import { removalPart } from './removal.ts';
import { ruleLink } from './rules-table.ts';
import { groupText } from './text.ts';
import { ruleText } from '../../text/rule-text.ts';
import { count, figure } from '../../text/numbers.ts';

/** A stage of a thousand commands would be no page to look at: the rest is in `usage.json`. */
const REMOVALS_SHOWN = 200;
const SKIPPED_SHOWN = 500;

/** What may be removed together, stage by stage, with the commands and their undo; and what stays, with the reason. */
export function planView({ plan, rules }: PageReport, place: Place): Node[] {
  const heading = el('h1', {}, 'Plan');
  if (!plan) {
    return [
      heading,
      el(
        'p',
        {},
        'No plan was worked out with this report. Verdicts speak of single rules; what may go together is for a plan to say.',
      ),
    ];
  }
  const byId = new Map(rules.map((rule) => [rule.ruleId, rule]));
  const about = (ruleId: string): Child[] => {
    const rule = byId.get(ruleId);
    return rule ? [name(groupText(rule)), ', ', name(ruleText(rule))] : [];
  };
  const removalItem = (removal: PageRemoval, isInCode: boolean): HTMLElement => {
    const title = el('h3', {}, ruleLink(removal.ruleId, place), ' ', ...about(removal.ruleId));
    const why = el('p', { dir: 'auto' }, `${VERDICT_NAME[removal.verdict]}: ${removal.why}`);
    return el('li', { class: 'card' }, title, why, ...removalPart(removal, place, { isInCode }));
  };
  const removalItems = (removals: readonly PageRemoval[], isInCode = false): Node[] => {
    const shown = removals.slice(0, REMOVALS_SHOWN).map((removal) => removalItem(removal, isInCode));
    const rest = removals.length - REMOVALS_SHOWN;
    return [
      el('ul', { class: 'plain' }, ...shown),
      ...(rest > 0 ? [el('p', {}, `… and ${figure(rest)} more in usage.json.`)] : []),
    ];
  };
  const stages = plan.stages.map(({ number, waitDays, keepers, removals }) =>
    opened(`Stage ${String(number)}: ${count(removals.length, `${removals[0]!.verdict} rule`)}`, () => [
      el('p', { class: 'muted' }, `Then wait ${count(waitDays, 'day')} and watch, before it counts as verified.`),
      keepersPart(keepers),
      ...removalItems(removals),
    ]),
  );
  const skippedTable = (): Node[] => [
    el(
      'div',
      { class: 'table-holder' },
      plainTable(
        'Rules that stay',
        [{ title: 'Rule' }, { title: 'What it admits' }, { title: 'Why it stays' }],
        plan.skipped
          .slice(0, SKIPPED_SHOWN)
          .map(({ ruleId, reason }) => [ruleLink(ruleId, place), el('span', {}, ...about(ruleId)), reason]),
      ),
    ),
    ...(plan.skipped.length > SKIPPED_SHOWN
      ? [el('p', {}, `… and ${figure(plan.skipped.length - SKIPPED_SHOWN)} more in usage.json.`)]
      : []),
  ];
  return [
    heading,
    el(
      'p',
      { class: 'lead' },
      'Removing a rule leaves established connections open, up to five days if idle: what breaks may break late. Nothing here runs by itself.',
    ),
    el('p', {}, evidenceText(plan)),
    ...(plan.caveats.length === 0 ? [] : [el('ul', {}, ...plan.caveats.map((caveat) => el('li', {}, caveat)))]),
    ...(stages.length === 0 ? [el('p', {}, 'No script removes anything yet.')] : stages),
    ...(plan.inCode.length === 0
      ? []
      : [
          opened(`To be changed in code: ${count(plan.inCode.length, 'rule')}`, () => [
            el('p', { class: 'muted' }, 'A tool or a service writes them, and brings back what is removed by hand.'),
            ...removalItems(plan.inCode, true),
          ]),
        ]),
    plan.skipped.length === 0
      ? el('p', {}, 'No unused or redundant rule was left out.')
      : opened(`Left out of the plan: ${count(plan.skipped.length, 'rule')}`, skippedTable),
  ];
}

/** A part whose content is made when it is first opened: of thousands of rules, nobody reads all. */
function opened(title: string, content: () => Child[]): HTMLElement {
  const part = el('details', { class: 'stage' }, el('summary', {}, el('h2', {}, title)));
  const make = (): void => part.append(...content().filter((child) => child !== null));
  part.addEventListener('toggle', make, { once: true });
  return part;
}

/** Rules that cover what this stage removes, so they must still be there when it is carried out. */
function keepersPart(keepers: PageStage['keepers']): HTMLElement | null {
  if (keepers.length === 0) return null;
  return el(
    'details',
    {},
    el('summary', {}, `Check first that ${count(keepers.length, 'rule')} still stand`),
    ...keepers.map(({ ruleId, check }) => command(ruleId, check)),
  );
}

function evidenceText({ accounts, regions, goodUntil, evidence: { days, missingDays } }: PagePlan): string {
  const where = [...accounts, ...regions].join(', ');
  const missing =
    missingDays.length === 0
      ? ''
      : `; of ${count(missingDays.length, 'day')} there is none, the first: ${missingDays[0]!}`;
  return `${where === '' ? '' : `Of ${where}. `}Good until ${goodUntil}. It rests on the service flows of ${count(days, 'day')}${missing}.`;
}
