// Costs about 10 seconds.
/**
 * The heat maps of the dashboard, drawn from what their own wells and filters ask of the data set: QuickSight is nowhere to be
 * had here. `npm run test:browser`; the picture goes where `STALE_SG_SCREENSHOTS` says.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { definition } from '../../infra/quicksight-dashboard.ts';
import { rulesExport } from '../../shared/export/rules-export.ts';
import { RULES_EXPORT_KEY, usageExportKey } from '../../shared/export/tables.ts';
import { usageExport } from '../../shared/export/usage-export.ts';
import { withVersionedRules } from '../../shared/inventory/versioned-rules.ts';
import { BLUES, inkOn, stepColours, stepsOver } from '../../shared/reports/heat-scale.ts';
import { html, type Html } from '../../shared/reports/mail/html.ts';
import { reportOfUsage } from '../../shared/reports/report-of-usage.ts';
import { shortFigure } from '../../shared/text/numbers.ts';
import { isoDay } from '../../shared/time.ts';
import { rulesNamed } from '../../shared/usage/addition.ts';
import { emptyUsage, ruleDay } from '../../shared/usage/usage.ts';
import { exported, type Exported, type ReadRow } from '../shared/export/exported.ts';
import { awsRule, inventoryOf } from '../shared/inventory/aws-shorthand.ts';
import { describeInBrowser } from './chromium.ts';
import { picture } from './opened.ts';

const PLACE = { accountId: '111122223333', region: 'eu-central-1' };
const FIRST_DAY = Date.parse('2026-01-05') / 86_400_000;
const DAYS = 14;
const PORTS = [443, 80, 5432, 22, 53, 8080];

interface Field {
  readonly column: { readonly columnName: string };
}

interface HeatMapShape {
  readonly visualId: string;
  readonly title: { readonly formatText: { readonly plainText: string } };
  readonly chartConfiguration: {
    readonly fieldWells: {
      readonly heatMapAggregatedFieldWells: Readonly<
        Record<'rows' | 'columns' | 'values', readonly Record<string, Field>[]>
      >;
    };
  };
}

interface FilterShape {
  readonly filters: readonly {
    readonly categoryFilter?: {
      readonly column: { readonly columnName: string };
      readonly configuration: { readonly filterListConfiguration: { readonly categoryValues?: readonly string[] } };
    };
  }[];
  readonly scopeConfiguration: {
    readonly selectedSheets: {
      readonly sheetVisualScopingConfigurations: readonly { readonly visualIds?: readonly string[] }[];
    };
  };
}

const shown = definition('arn:of:the:data-set') as unknown as {
  readonly sheets: readonly { readonly visuals: readonly { readonly heatMapVisual?: HeatMapShape }[] }[];
  readonly filterGroups: readonly FilterShape[];
};
const MAPS = shown.sheets.flatMap(({ visuals }) => visuals.flatMap(({ heatMapVisual }) => heatMapVisual ?? []));

/** What QuickSight would ask of the data set for a map. */
function queryOf({ visualId, chartConfiguration }: HeatMapShape): string {
  const { rows, columns, values } = chartConfiguration.fieldWells.heatMapAggregatedFieldWells;
  const [row, column, value] = [rows, columns, values].map((well) => Object.values(well[0]!)[0]!.column.columnName);
  const wanted = shown.filterGroups.flatMap(({ filters, scopeConfiguration }) => {
    const [scope] = scopeConfiguration.selectedSheets.sheetVisualScopingConfigurations;
    const filter = filters[0]?.categoryFilter;
    const values = filter?.configuration.filterListConfiguration.categoryValues;
    if (!filter || !values || scope?.visualIds?.includes(visualId) !== true) return [];
    return [`${filter.column.columnName} IN (${values.map((one) => `'${one}'`).join(', ')})`];
  });
  expect(wanted).toHaveLength(1);
  return (
    `SELECT CAST(${row!} AS VARCHAR) AS r, CAST(${column!} AS VARCHAR) AS c, sum(${value!}) AS v FROM data_set ` +
    `WHERE ${wanted.join(' AND ')} GROUP BY ALL ORDER BY r, c`
  );
}

function drawn(title: string, cells: readonly ReadRow[]): Html {
  const columns = [...new Set(cells.map(({ c }) => String(c)))].sort(
    (a, b) => Number(a) - Number(b) || (a < b ? -1 : 1),
  );
  const steps = stepsOver(cells.map(({ v }) => Number(v)));
  const colours = stepColours(steps.length, 'light');
  const lines = [...Map.groupBy(cells, ({ r }) => String(r))].map(([row, some]) => {
    const cellsOfRow = columns.map((column) => {
      const value = Number(some.find(({ c }) => String(c) === column)?.v ?? 0);
      const colour = colours[steps.findIndex(({ to }) => value > 0 && value <= to)] ?? '#ffffff';
      return html`<td style="background:${colour};color:${inkOn(colour)}">
        ${value === 0 ? '' : shortFigure(value)}
      </td>`;
    });
    return html`<tr>
      <th>${row}</th>
      ${cellsOfRow}
    </tr>`;
  });
  const heads = columns.map((column) => html`<th>${column}</th>`);
  return html`<h2>${title}</h2>
    <table>
      <tr>
        <th></th>
        ${heads}
      </tr>
      ${lines}
    </table>`;
}

describeInBrowser('the heat maps of the dashboard', (browser) => {
  let bed: Exported;

  beforeAll(async () => {
    bed = await exported();
    const inventory = withVersionedRules(
      inventoryOf({
        groups: [{ GroupId: 'sg-1', GroupName: 'web', VpcId: 'vpc-1' }],
        rules: PORTS.map((port, i) =>
          awsRule(`${i % 3 === 2 ? 'out' : 'in'} ${port === 53 ? 'udp' : 'tcp'} ${String(port)} 10.0.0.0/8`, {
            SecurityGroupRuleId: `sgr-${String(i)}`,
          }),
        ),
      }),
    );
    const counted = { inventory, usage: emptyUsage(), malformedSamples: [], source: 'read' as const };
    const asOf = (FIRST_DAY + DAYS) * 86_400;
    const report = reportOfUsage(counted, { asOf, windowDays: DAYS, rulesKnownSince: undefined });
    bed.put(RULES_EXPORT_KEY, rulesExport(report, inventory, PLACE));
    for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) {
      const usage = emptyUsage();
      for (const [i, { ruleId }] of inventory.rules.entries()) {
        const use = ruleDay(usage, ruleId, day);
        use.usedTimes = 10 ** (PORTS.length - 1 - i);
        const port = PORTS[i]!;
        use.ports.set(String(port), {
          protocol: port === 53 ? 17 : 6,
          bucket: { from: port, to: port },
          usedTimes: use.usedTimes,
          replyTimes: 0,
        });
        use.hours[(8 + i) % 24] = use.usedTimes;
      }
      bed.put(usageExportKey(isoDay(day)), usageExport(day, usage, rulesNamed(usage, inventory.rules), PLACE));
    }
    await bed.asDataSet('data_set');
  });
  afterAll(() => bed.remove());

  test('each has figures for its wells, and the deepest colour where there is the most', async () => {
    const parts: Html[] = [];
    for (const map of MAPS) {
      const cells = await bed.rows(queryOf(map));
      const most = Math.max(...cells.map(({ v }) => Number(v)));
      expect(most).toBeGreaterThanOrEqual(10 ** (PORTS.length - 1));
      expect(cells.length).toBeGreaterThanOrEqual(PORTS.length);
      parts.push(drawn(map.title.formatText.plainText, cells));
    }
    expect(MAPS.map(({ visualId }) => visualId)).toEqual(['rule-direction', 'port-protocol', 'hour-day']);
    const page = await browser().newPage({ viewport: { width: 1000, height: 900 } });
    const style =
      'body{font:13px sans-serif}td,th{padding:4px 8px;text-align:center}th{font-weight:400;text-align:left}';
    await page.setContent(`<style>${style}</style>${parts.map(({ markup }) => markup).join('')}`);
    await picture(page, 'quicksight');
    expect(await page.locator('table').count()).toBe(3);
    const deepest = page.locator(`td[style*="${BLUES.light.at(-1)!}"]`);
    expect(await deepest.count()).toBeGreaterThanOrEqual(3);
    await page.close();
  });
});
