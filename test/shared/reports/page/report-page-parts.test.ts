/** What the page works out before it draws anything. */
import { describe, expect, test } from '@jest/globals';
import { heatMapOf } from '../../../../shared/reports/mail/heat-map.ts';
import { caveats } from '../../../../shared/reports/page/caveats.ts';
import { hoursMap, portsByProtocol, rulesByDay, rulesByDirection } from '../../../../shared/reports/page/map-data.ts';
import { nextSteps } from '../../../../shared/reports/next-steps.ts';
import {
  advisedOf,
  packReport,
  type PageReport,
  type PageRule,
} from '../../../../shared/reports/page/packed-report.ts';
import { MOST_OPEN, placeHash, parsePlace } from '../../../../shared/reports/page/place.ts';
import { GROUPINGS, groupRows, type GroupBy } from '../../../../shared/reports/page/row-groups.ts';
import {
  filterRows,
  firstOrder,
  NO_FILTER,
  ruleRows,
  sortRows,
  SORT_KEYS,
  UNTOLD,
} from '../../../../shared/reports/page/rows.ts';
import { logSteps, stepShades, stepsOver, usesOf } from '../../../../shared/reports/heat-scale.ts';
import { visible } from '../../../../shared/reports/page/text.ts';
import { syntheticReport } from '../../../browser/synthetic-report.ts';
import { VERDICT_KINDS } from '../../../../shared/verdicts/verdict.ts';
import { percent, shortFigure } from '../../../../shared/text/numbers.ts';

const report = packReport(syntheticReport(120, 90));
const rows = ruleRows(report.rules);

describe('order', () => {
  test.each(SORT_KEYS)('by %s, both ways; what has no value comes last', (key) => {
    const up = sortRows(rows, { key, descending: false });
    const down = sortRows(rows, { key, descending: true });
    expect(new Set(up)).toEqual(new Set(rows));
    const last = (sorted: typeof rows): string | null => sorted.at(-1)!.rule.lastUsed;
    if (key === 'lastUsed') expect([last(up), last(down)]).toEqual([null, null]);
    else expect(up.map(({ rule }) => rule.ruleId)).not.toEqual(down.map(({ rule }) => rule.ruleId));
    // Equals keep the order of the report, so sorting again changes nothing.
    expect(sortRows(up, { key, descending: false })).toEqual(up);
  });

  test('ports are in order of their numbers', () => {
    const sorted = sortRows(rows, { key: 'service', descending: false }).filter(({ rule }) => rule.protocol === 'tcp');
    const ports = sorted.map(({ rule }) => rule.fromPort!);
    expect(ports).toEqual([...ports].sort((a, b) => a - b));
  });

  test('figures and dates start with the largest', () => {
    expect(SORT_KEYS.filter((key) => firstOrder(key).descending)).toEqual(['rank', 'used', 'sole', 'lastUsed']);
  });
});

test('every word of the text must occur, wherever, in whatever case', () => {
  const texts = (text: string): number => filterRows(rows, { ...NO_FILTER, text }).length;
  expect(texts('SERVICE-3 tcp')).toBe(filterRows(rows, { ...NO_FILTER, text: 'tcp service-3' }).length);
  expect(texts('service-3 tcp')).toBeGreaterThan(0);
  expect(texts('service-3 nowhere')).toBe(0);
  expect(texts('  ')).toBe(rows.length);
});

describe('groups', () => {
  const { rules } = report;
  test.each(Object.keys(GROUPINGS) as GroupBy[])(
    'by %s hold each row once, and what asks for one finds its rows',
    (by) => {
      const groups = groupRows(rows, by);
      expect(groups.flatMap((group) => group.rows).length).toBe(rows.length);
      expect(groups.length).toBeGreaterThan(1);
      for (const { key, rows: some, stale, redundant, tooWide } of groups) {
        const found = filterRows(rows, { ...NO_FILTER, ...GROUPINGS[by].filter(key) });
        expect(found).toEqual(some);
        const of = (kind: string): number => some.filter(({ rule }) => rule.verdict.kind === kind).length;
        expect([stale, redundant]).toEqual([of('stale'), of('redundant')]);
        expect(tooWide).toBe(some.filter(({ rule }) => rule.narrower !== null).length);
      }
    },
  );

  test('the most to decide first, but verdicts in their own order', () => {
    const toDecide = groupRows(rows, 'owner').map(({ stale, redundant, tooWide }) => stale + redundant + tooWide);
    expect(toDecide).toEqual([...toDecide].sort((a, b) => b - a));
    const kinds = groupRows(rows, 'verdict').map(({ key }) => key);
    expect(kinds).toEqual(VERDICT_KINDS.filter((kind) => rules.some(({ verdict }) => verdict.kind === kind)));
  });

  test('what nobody tells is a group, and no owner can be called so', () => {
    const untold = groupRows(rows, 'owner').find(({ key }) => key === '')!;
    expect(untold.title).toBe('No owner told');
    expect(filterRows(rows, { ...NO_FILTER, owner: UNTOLD })).toEqual(untold.rows);
    expect(UNTOLD.trim()).toBe('');
  });

  test('so many may be open that the address and the page stay short', () => {
    const open = Array.from({ length: 30 }, (_, i) => String(i));
    expect(parsePlace(placeHash({ view: 'rules', by: 'owner', open })).open).toEqual(open.slice(-MOST_OPEN));
  });
});

test.each([
  '#overview',
  '#rules?q=a%26b+c&verdict=stale&group=sg-1&direction=egress&protocol=-1&quiet=1&wide=1&sort=lastUsed.desc&page=3&rule=sgr-1',
  '#maps?rule=%3Cscript%3E',
  '#rules?owner=+&account=111122223333&region=eu-central-1&vpc=vpc-1&by=owner&open=&open=a%26open%3Db',
])('a place is its address: %s', (hash) => {
  expect(placeHash(parsePlace(hash))).toBe(hash);
});

test.each([
  ['', 'overview'],
  ['#nowhere', 'overview'],
  ['#rules?sort=toString.desc&verdict=__proto__&page=0', 'rules'],
  ['#rules?page=1.5', 'rules'],
  ['#rules?by=constructor&open=a', 'rules'],
])('%j is as if nothing wrong were there', (hash, view) => {
  expect(placeHash(parsePlace(hash))).toBe(`#${view}`);
});

test.each([
  [1, 1, ['1-1']],
  [1, 24, ['1-1', '2-4', '5-9', '10-24']],
  [5, 5, ['5-5']],
  [90, 110, ['50-99', '100-110']],
  [1, 1_000_000, ['1-4', '5-49', '50-199', '200-1999', '2000-9999', '10000-99999', '100000-1000000']],
])('colours from %i to %i: %j', (least, most, steps) => {
  expect(logSteps(least, most).map(({ from, to }) => `${String(from)}-${String(to)}`)).toEqual(steps);
});

test('every figure has exactly one colour', () => {
  for (let most = 1; most < 3000; most += 7) {
    const steps = logSteps(1, most);
    for (const value of [1, 2, most >> 1, most].filter((number) => number > 0 && number <= most)) {
      expect(steps.filter(({ from, to }) => from <= value && value <= to)).toHaveLength(1);
    }
  }
});

test.each([
  ['plain', 'plain'],
  ['a\u202eb', 'a‹U+202E›b'],
  ['a\nb\u0000', 'a‹U+000A›b‹U+0000›'],
  ['half \ud83d', 'half ‹U+D83D›'],
  ['a\u200db', 'a‹U+200D›b'],
  ['👩‍👩‍👧‍👦 🏳️‍🌈 👩🏽‍🚀', '👩‍👩‍👧‍👦 🏳️‍🌈 👩🏽‍🚀'],
  ['\ufeffשלום', '‹U+FEFF›שלום'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1k'],
  [1234, '1.2k'],
  [9_949, '9.9k'],
  [9_960, '9k'],
  [99_999, '99k'],
  [35e6, '35M'],
  [1e15, '1000T'],
])('%i is short for %s, and never more than it is by a digit', (number, text) => {
  expect(shortFigure(number)).toBe(text);
});

test.each([
  [1, '100.0 %'],
  [0.99999, '> 99.9 %'],
  [0.00001, '< 0.1 %'],
  [0, '0.0 %'],
])('the share %d is %s', (share, text) => {
  expect(percent(share)).toBe(text);
});

describe('heat maps', () => {
  test('rules by direction: the most used first, each in its own column', () => {
    const { rows: names, cells } = rulesByDirection(report.rules);
    expect(names).toHaveLength(40);
    const values = cells.map(({ value }) => value);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(cells[0]!.value).toBe(Math.max(...report.rules.map(usesOf)));
    expect(cells.every(({ column, row }) => names[row]!.includes(column === 0 ? ': in ' : ': out '))).toBe(true);
  });

  test('ports by protocol: the sum of all rules, in order of the ports', () => {
    const { cells, rows: ports, columns } = portsByProtocol(report.rules);
    expect(columns).toEqual(['tcp', 'udp']);
    expect(ports).toEqual([...ports].sort((a, b) => Number(a) - Number(b)));
    expect(cells.reduce((sum, { value }) => sum + value, 0)).toBe(
      report.rules.reduce((sum, rule) => sum + usesOf(rule), 0),
    );
  });

  describe('rules by day', () => {
    const days = report.days.map((day) => ({ ...day, records: 1, incomplete: null }));
    const [used] = report.rules.filter((rule) => usesOf(rule) > 0);
    const { window } = report;
    const lone = (change: Partial<PageRule>, of: Partial<PageReport> = {}) =>
      rulesByDay({ window, days, ...of, rules: [{ ...used!, ...change }] });
    const history = { days: [-1, 2, 3], used: [5, 1, 0], repliesMore: [-5, 3, 0], possible: [0, 0, 9] };
    const evidence = { ...used!.evidence, gaps: [{ from: '2025-12-20', to: '2026-01-03' }] };

    test('use is requests and replies; a day without is a gap where its group was not watched, unless it may be use', () => {
      expect(lone({ history, evidence }).cells).toEqual([
        { column: 0, row: 0, value: 0, doubt: 'gap' },
        { column: 1, row: 0, value: 0, doubt: 'gap' },
        { column: 2, row: 0, value: 5 },
        { column: 3, row: 0, value: 0, doubt: 'possible' },
      ]);
    });

    test('of a report that tells no gaps, days without records and those that are not settled are', () => {
      const some = days.map((day, i) => ({
        ...day,
        records: i === 4 ? 0 : 1,
        incomplete: i === 6 ? 'fewer records' : null,
      }));
      const { gaps: _, ...untold } = evidence;
      const found = lone({ history, evidence: untold }, { days: some.slice(1) }).cells;
      expect(found.filter(({ doubt }) => doubt === 'gap').map(({ column }) => column)).toEqual([0, 4, 6]);
    });

    test('many days are put together by weeks, of which one that lacks a day and shows no use is a gap', () => {
      const year = { window: { from: '2026-01-01', to: '2026-12-31' } };
      const week = { from: '2026-01-14', to: '2026-01-14' };
      const { columns, cells } = lone({ history, evidence: { ...evidence, gaps: [week] } }, year);
      expect([columns.length, columns[1]]).toEqual([53, '2026-01-08']);
      expect(cells).toEqual([
        { column: 0, row: 0, value: 5 },
        { column: 1, row: 0, value: 0, doubt: 'gap' },
      ]);
    });

    test('the groups of the highest ranks come first, each with its name, and its id where that is not enough', () => {
      const rules = [
        ['sg-1', 'web', 10],
        ['sg-2', 'app', 90],
        ['sg-1', 'web', 80],
        ['sg-3', 'app', 20],
      ].map(([groupId, groupName, score]) => ({ ...used!, groupId, groupName, rank: { ...used!.rank, score } }));
      const { rows } = rulesByDay({ ...report, rules: rules as PageRule[] });
      expect(rows.map((text) => text.split(':')[0])).toEqual(['app (sg-2)', 'web', 'web', 'app (sg-3)']);
    });
  });

  test('in page and mail a rule has the same figure and the same colour', () => {
    const whole = syntheticReport(60, 30);
    const page = rulesByDirection(packReport(whole).rules);
    const steps = stepsOver(page.scaledOver!);
    const shades = stepShades(steps.length);
    const inPage = page.cells.map(({ value }) => [value, shades[steps.findIndex(({ to }) => value <= to)]]);
    const inMail = heatMapOf(whole.rules, 40, 0).most.map(({ usedTimes, shade }) => [usedTimes, shade]);
    expect(inMail.slice(0, 10)).toEqual(inPage.slice(0, 10));
    expect(new Set(inMail.map(([, shade]) => shade)).size).toBeGreaterThan(3);
  });

  test('hours by day', () => {
    const { rows, cells } = hoursMap(report);
    expect(rows).toHaveLength(90);
    const [{ hours }] = report.days as [(typeof report.days)[number]];
    expect(cells.filter(({ row, column }) => row === 0 && column === 5).map(({ value }) => value)).toEqual(
      hours.slice(5, 6).filter((value) => value > 0),
    );
  });
});

/** Of a deployment in its first days. */
const YOUNG: Partial<PageReport> = {
  rules: report.rules
    .filter(({ verdict }) => verdict.kind === 'notObserved')
    .map((rule) => ({ ...rule, wentQuiet: null, narrower: null })),
  growth: { days: 1, firstDay: '2026-01-30', verdictsOn: '2026-02-13', planOn: '2026-03-01', wholeOn: '2026-04-26' },
};

describe('what to do next', () => {
  const titles = (changed: Partial<PageReport>): string[] =>
    nextSteps(advisedOf({ ...report, ...changed })).map(({ title }) => title);
  const only = (...kinds: string[]) => report.rules.filter(({ verdict }) => kinds.includes(verdict.kind));

  test('is at most three things, the highest priority first', () => {
    const scores = nextSteps(advisedOf(report)).map(({ score }) => score);
    expect(scores).toHaveLength(3);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  test.each<[why: string, change: Partial<PageReport>, titles: RegExp[]]>([
    [
      'nothing, where all is used',
      { rules: only('active').map((rule) => ({ ...rule, wentQuiet: null, narrower: null })), plan: null, findings: [] },
      [],
    ],
    [
      'without a plan, the stale rules',
      { rules: only('stale').map((rule) => ({ ...rule, wentQuiet: null, narrower: null })), plan: null, findings: [] },
      [/^Review 12 stale rules/, /^Say since when/],
    ],
    [
      'evidence, where there is none',
      {
        rules: only('notObserved').map((rule) => ({ ...rule, wentQuiet: null, narrower: null })),
        plan: null,
        findings: [],
      },
      [/^Find evidence for 12 rules/],
    ],
    ['findings by themselves', { rules: [], plan: null }, [/^Close a service to the world/]],
    [
      'no group that nobody can delete, and no rule that must stay',
      {
        rules: [],
        plan: null,
        findings: [
          {
            finding: { kind: 'groupOnNoInterface', groupId: 'sg-1', groupName: 'default', rules: 2 },
            rank: 90,
            text: 'default',
          },
          {
            finding: {
              kind: 'coveredByRules',
              ruleId: 'sgr-1',
              coveredBy: ['sgr-2'],
              within: 'group',
              mustStay: true,
              restsOnLists: [],
            },
            rank: 80,
            text: 'leant on',
          },
        ],
      },
      [],
    ],
    ['while no day is watched, neither a plan nor a search for evidence', { ...YOUNG, findings: [] }, []],
  ])('%s', (_why, change, expected) => {
    expect(titles(change)).toEqual(expected.map((title): unknown => expect.stringMatching(title)));
  });
});

const GROWN = { days: 20, firstDay: '2026-01-30', verdictsOn: null, planOn: null, wholeOn: '2026-04-26' };

describe('what to know before', () => {
  const { records } = report;
  const sound: PageReport = {
    ...report,
    observedBy: 'flowLogs',
    coverage: 0.99,
    inventoryProblems: [],
    days: report.days.map((day) => ({ ...day, incomplete: null })),
    records: { ...records, skipData: 0, malformed: 0 },
    unknownInterfaces: { distinct: 0, sample: [] },
    rules: report.rules.filter(({ verdict }) => verdict.kind === 'active'),
    plan: null,
  };

  test('nothing of a sound report', () => {
    expect(caveats(sound)).toEqual([]);
  });

  test.each<[caveat: RegExp, change: Partial<PageReport>]>([
    [/no flow-logs\.json/, { observedBy: 'records' }],
    [/only 94\.9 %/, { coverage: 0.949 }],
    [/29 days are short/, { windowDays: 29 }],
    [/The records begin on 2026-01-02: of the window, 1 day before that tells nothing/, { days: sound.days.slice(1) }],
    [/^90 of 90 days have no records/, { days: [] }],
    [/No flow log record has been read yet/, { days: [], growth: GROWN }],
    [
      /^1 of 61 days from 2026-01-30 on has no records: silence on it/,
      { days: sound.days.slice(29).map((day, i) => (i === 4 ? { ...day, records: 0 } : day)), growth: GROWN },
    ],
    [/^1 of 90 days has no records/, { days: sound.days.map((day, i) => (i === 4 ? { ...day, records: 0 } : day)) }],
    [/18 days could not be settled by the night, the first: 2026-01-05 \(fewer/, { days: report.days }],
    [/1 record told that AWS skipped data/, { records: { ...sound.records, skipData: 1 } }],
    [/2 lines could not be read/, { records: { ...sound.records, malformed: 2 } }],
    [/1 interface had traffic and is not/, { unknownInterfaces: { distinct: 1, sample: [] } }],
    [/2 problems in the inventory/, { inventoryProblems: ['a', 'b'] }],
    [/How old 12 unused rules are, is unknown/, { rules: report.rules }],
    [/leaves out 4 rules/, { plan: report.plan }],
  ])('%s', (caveat, change) => {
    expect(caveats({ ...sound, ...change })).toEqual([expect.stringMatching(caveat)]);
  });
});
