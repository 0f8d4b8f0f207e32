import { dropCharts } from './chart.ts';
import { button, el, fill, link, name } from './dom.ts';
import type { PageReport } from './packed-report.ts';
import { placeHash, type Place } from './place.ts';
import { ruleDetail } from './rule-detail.ts';
import type { RulesView } from './rules-view.ts';

import { figure } from '../../text/numbers.ts';

export interface DetailDialog {
  readonly element: HTMLElement;
  /** Opens the rule that the place names, or closes. */
  show(place: Place): void;
}

/** One rule over the view that it was opened from; before and after it, the neighbours of the table. */
export function detailDialog(report: PageReport, rules: RulesView, go: (hash: string) => void): DetailDialog {
  const byId = new Map(report.rules.map((rule) => [rule.ruleId, rule]));
  const element = el('dialog', { class: 'detail', 'aria-labelledby': 'detail-title' });
  let place: Place | undefined;
  let shown: string | null = null;
  const close = (): void => {
    if (place) go(placeHash({ ...place, ruleId: null }));
  };
  element.addEventListener('cancel', (event) => {
    event.preventDefault();
    close();
  });
  element.addEventListener('click', (event) => {
    // Outside of the panel: its own children are never the target itself.
    if (event.target === element) close();
  });

  const show = (next: Place): void => {
    place = next;
    if (next.ruleId === shown) return;
    shown = next.ruleId;
    if (shown === null) {
      element.close();
      fill(element);
      dropCharts();
      return;
    }
    const rule = byId.get(shown);
    const title = el('h2', { id: 'detail-title', tabindex: '-1' }, 'Rule ', name(shown));
    const content = rule ? ruleDetail(rule, report, next) : [el('p', {}, 'This report knows no such rule.')];
    const tools = el('div', { class: 'tools' }, ...neighbours(rules, next), button('Close', close));
    fill(element, el('div', { class: 'panel' }, el('div', { class: 'panel-head' }, title, tools), ...content));
    dropCharts();
    if (!element.open) element.showModal();
    element.scrollTop = 0;
    title.focus();
  };
  return { element, show };
}

function neighbours(rules: RulesView, place: Place): Node[] {
  const rows = rules.shown();
  const at = rows.findIndex(({ rule }) => rule.ruleId === place.ruleId);
  if (at < 0) return [];
  const step = (label: string, index: number): Node => {
    const ruleId = rows[index]?.rule.ruleId;
    return ruleId === undefined ? el('span') : link(placeHash({ ...place, ruleId }), label);
  };
  return [
    step('Previous', at - 1),
    el('span', { class: 'muted' }, `${figure(at + 1)} of ${figure(rows.length)}`),
    step('Next', at + 1),
  ];
}
