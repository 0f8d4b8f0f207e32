import { placesText } from '../accounts-text.ts';
import { dropCharts, redrawCharts } from './chart.ts';
import { detailDialog } from './detail-dialog.ts';
import { button, el, fill, link } from './dom.ts';
import { findingsView } from './findings-view.ts';
import { mapsView } from './maps-view.ts';
import { overview } from './overview.ts';
import type { PageReport } from './packed-report.ts';
import style from './page.css';
import { placeHash, parsePlace, VIEWS, type Place, type View } from './place.ts';
import { planView } from './plan-view.ts';
import { qualityView } from './quality-view.ts';
import { readData } from './read-data.ts';
import { rejectedView } from './rejected-view.ts';
import { rulesView, type RulesView } from './rules-view.ts';
import { lockMarkup } from './lock-markup.ts';
import { themeButton } from './theme.ts';

const VIEW_NAME: Readonly<Record<View, string>> = {
  overview: 'Overview',
  rules: 'Rules',
  plan: 'Plan',
  findings: 'Findings',
  maps: 'Heat maps',
  rejected: 'Rejected',
  quality: 'Data quality',
};

/** One view is shown at a time, and made when it is first asked for. Which one, the address says. */
function start(report: PageReport): void {
  const go = (hash: string): void => {
    location.replace(hash);
  };
  const places = placesText(report) === '' ? '' : `${placesText(report)}, `;
  const main = el('main', { id: 'main', tabindex: '-1' });
  const tabs = new Map(VIEWS.map((view) => [view, link(placeHash({ view }), VIEW_NAME[view])]));
  const rules = rulesView(report, go);
  const detail = detailDialog(report, rules, go);
  let shown: View | undefined;

  const show = (): void => {
    const place = parsePlace(location.hash);
    const { view } = place;
    if (view !== shown) {
      fill(main, ...contentOf(view, report, place, rules));
      dropCharts();
      for (const [name, tab] of tabs) {
        if (name === view) tab.setAttribute('aria-current', 'page');
        else tab.removeAttribute('aria-current');
      }
      document.title = `${VIEW_NAME[view]} · stale-sg, ${places}${report.window.from} to ${report.window.to}`;
      if (shown !== undefined) {
        main.focus({ preventScroll: true });
        scrollTo(0, 0);
      }
      shown = view;
    }
    if (view === 'rules') rules.show(place);
    detail.show(place);
  };

  document.body.replaceChildren(header([...tabs.values()], main), main, footer(), detail.element);
  addEventListener('hashchange', show);
  addEventListener('keydown', (event) => {
    const isTyped =
      event.target instanceof HTMLElement && event.target.closest('input, select, textarea, dialog') !== null;
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyped) return;
    event.preventDefault();
    if (shown === 'rules') {
      rules.search();
      return;
    }
    addEventListener('hashchange', () => rules.search(), { once: true });
    go(placeHash({ view: 'rules' }));
  });
  show();
}

function contentOf(view: View, report: PageReport, place: Place, rules: RulesView): Node[] {
  switch (view) {
    case 'overview':
      return overview(report);
    case 'rules':
      return [rules.element];
    case 'plan':
      return planView(report, place);
    case 'findings':
      return findingsView(report, place);
    case 'maps':
      return mapsView(report);
    case 'rejected':
      return rejectedView(report, place);
    case 'quality':
      return qualityView(report);
  }
}

function header(tabs: readonly HTMLElement[], main: HTMLElement): HTMLElement {
  const skip = button('Skip to content', () => main.focus(), { class: 'skip' });
  return el(
    'header',
    {},
    skip,
    el('span', { class: 'brand' }, 'stale-sg'),
    el('nav', { 'aria-label': 'Views' }, el('ul', {}, ...tabs.map((tab) => el('li', {}, tab)))),
    themeButton(redrawCharts),
  );
}

function footer(): HTMLElement {
  return el(
    'footer',
    {},
    'Advice only: nothing here changes a security group. Charts by Apache ECharts (Apache License 2.0).',
  );
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
document.adoptedStyleSheets = [sheet];
lockMarkup();
readData()
  .then(start)
  .catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    document.body.replaceChildren(el('main', {}, el('h1', {}, 'This report cannot be shown'), el('p', {}, reason)));
  });
