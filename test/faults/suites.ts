/** Of each part of the program the tests that hold it, the quickest first; the first part whose path begins so counts. */
const SUITES: readonly (readonly [path: string, ...suites: string[]])[] = [
  ['shared/addresses/lattice.ts', 'test/shared/addresses/lattice.test.ts'],
  ['shared/addresses/', 'test/shared/addresses/prefix-index.test.ts', 'test/shared/attribution/rows.test.ts'],
  ['shared/matching/port-buckets.ts', 'test/shared/matching/port-buckets.test.ts'],
  [
    'shared/matching/',
    'test/shared/matching/',
    'test/shared/attribution/rows.test.ts',
    'test/shared/attribution/attribution.test.ts',
  ],
  ['shared/attribution/other-account.ts', 'test/shared/attribution/attribution.test.ts'],
  [
    'shared/attribution/duplicate-log.ts',
    'test/shared/attribution/duplicate-log.test.ts',
    'test/world/duplicate-log.test.ts',
  ],
  [
    'shared/usage/log-days.ts',
    'test/shared/attribution/duplicate-log.test.ts',
    'test/shared/attribution/attribution.test.ts',
    'test/world/duplicate-log.test.ts',
    'test/shared/usage/',
  ],
  [
    'shared/attribution/attribution.ts',
    'test/shared/attribution/attribution.test.ts',
    'test/shared/attribution/rows.test.ts',
    'test/world/duplicate-log.test.ts',
    'test/world/counted-beside.test.ts',
    'test/shared/attribution/against-oracle.test.ts',
  ],
  [
    'shared/attribution/',
    'test/shared/attribution/night.test.ts',
    'test/shared/attribution/orient.test.ts',
    'test/shared/attribution/fan-out.test.ts',
    'test/shared/attribution/rows.test.ts',
    'test/shared/attribution/attribution.test.ts',
  ],
  ['services/count-usage/', 'test/services/count-usage/day-inventories.test.ts', 'test/contract/heard.test.ts'],
  ['services/command-line/files/count-files.ts', 'test/contract/heard.test.ts'],
  [
    'services/reconcile-usage/sql/',
    'test/services/reconcile-usage/sql/fold-cases.test.ts',
    'test/services/reconcile-usage/sql/fold-against-reference.test.ts',
    'test/contract/reading.test.ts',
  ],
  ['services/reconcile-usage/', 'test/contract/heard.test.ts'],
  [
    'shared/verdicts/never-logged.ts',
    'test/shared/verdicts/never-logged.test.ts',
    'test/shared/verdicts/judge.test.ts',
  ],
  ['shared/verdicts/not-yet-there.ts', 'test/shared/verdicts/not-yet-there.test.ts'],
  ['shared/verdicts/lives.ts', 'test/shared/verdicts/lives.test.ts', 'test/shared/verdicts/observation.test.ts'],
  ['shared/verdicts/ages.ts', 'test/shared/verdicts/ages.test.ts', 'test/shared/verdicts/history.test.ts'],
  [
    'shared/verdicts/observ',
    'test/shared/verdicts/observation.test.ts',
    'test/shared/verdicts/judge.test.ts',
    'test/shared/verdicts/history.test.ts',
    'test/shared/verdicts/never-logged.test.ts',
  ],
  [
    'shared/verdicts/',
    'test/shared/verdicts/judge.test.ts',
    'test/shared/verdicts/observation.test.ts',
    'test/shared/verdicts/history.test.ts',
    'test/shared/verdicts/never-logged.test.ts',
  ],
  ['shared/advice/removal/listened-for.ts', 'test/shared/advice/removal/listened-for.test.ts'],
  ['shared/advice/removal/', 'test/shared/advice/removal/'],
  ['shared/advice/findings/', 'test/shared/advice/findings/covered-rules.test.ts'],
  ['shared/advice/advise.ts', 'test/shared/advice/advise-gates.test.ts'],
  ['shared/advice/narrowing/', 'test/shared/advice/narrowing/'],
  ['shared/evidence/', 'test/shared/evidence/simulate-removal.test.ts', 'test/shared/advice/removal/'],
  [
    'services/command-line/commands/check-plan/',
    'test/services/command-line/commands/check-plan/',
    'test/services/command-line/commands/plan/plan.test.ts',
  ],
  ['services/command-line/main.ts', 'test/services/command-line/commands/check-plan/'],
  [
    'services/command-line/commands/simulate/',
    'test/services/command-line/evidence/reported-gaps.test.ts',
    'test/services/command-line/commands/simulate/',
  ],
  ['services/command-line/evidence/', 'test/services/command-line/evidence/reported-gaps.test.ts'],
  ['shared/flowlogs/parquet', 'test/shared/flowlogs/read-parquet.test.ts', 'test/contract/reading.test.ts'],
  ['shared/flowlogs/read-parquet.ts', 'test/shared/flowlogs/read-parquet.test.ts', 'test/contract/reading.test.ts'],
  ['shared/flowlogs/read-text.ts', 'test/shared/flowlogs/read-text.test.ts', 'test/contract/reading.test.ts'],
  [
    'shared/flowlogs/',
    'test/shared/flowlogs/fields.test.ts',
    'test/shared/flowlogs/read-log.test.ts',
    'test/shared/flowlogs/text-header.test.ts',
    'test/shared/flowlogs/text-fields.test.ts',
    'test/shared/flowlogs/text-lines.test.ts',
    'test/contract/reading.test.ts',
  ],
  ['services/command-line/files/', 'test/services/command-line/files/', 'test/contract/reading.test.ts'],
];

export function suitesOf(file: string): readonly string[] {
  const [, ...suites] = SUITES.find(([path]) => file.startsWith(path)) ?? [];
  if (suites.length === 0) throw new Error(`${file}: nobody says which tests hold it`);
  return suites;
}
