import { describe, expect, test } from '@jest/globals';
import type { ReportDiff } from '../../../../../services/command-line/commands/diff/diff.ts';
import { runMain } from '../../program.ts';
import { scratch } from '../../scratch.ts';

const folder = scratch();

interface Shorthand {
  readonly id?: string;
  readonly group?: string;
  readonly port?: number;
  readonly peer?: string;
  readonly verdict?: string;
  readonly open?: boolean;
  readonly wide?: boolean;
}

function rule({ id = 'sgr-1', group = 'sg-1', port = 22, peer = '10.0.0.0/8', ...more }: Shorthand): object {
  const { verdict = 'active', wide = false } = more;
  const verdicts: Record<string, object> = {
    active: { kind: 'active', unanswered: false },
    stale: { kind: 'stale', ageUnknown: false },
    redundant: { kind: 'redundant', coveredBy: [], ageUnknown: false },
    notObserved: { kind: 'notObserved', reason: 'idle' },
  };
  return {
    ruleId: id,
    groupId: group,
    groupName: `name of ${group}`,
    direction: 'ingress',
    protocol: 'tcp',
    fromPort: port,
    toPort: port,
    icmp: null,
    peer: { type: 'cidrIpv4', value: peer, name: null },
    verdict: verdicts[verdict],
    why: '',
    narrower: wide ? { ruleId: id, rules: [], givesUp: 1, serviceFlows: 1, days: 30, caveats: [] } : null,
  };
}

const report = (asOf: string, rules: readonly Shorthand[]): object => ({
  schemaVersion: 1,
  asOf: `${asOf}T00:00:00Z`,
  windowDays: 90,
  rules: rules.map(rule),
  findings: rules
    .filter(({ open }) => open)
    .map(({ id = 'sgr-1' }) => ({ finding: { kind: 'openToWorld', ruleId: id }, rank: 1, text: '' })),
});

async function diffOf(before: readonly Shorthand[], after: readonly Shorthand[]): Promise<Record<string, string[]>> {
  await folder.write({ 'old.json': report('2026-01-01', before), 'new.json': report('2026-02-01', after) });
  const { status, stdout, stderr } = await runMain([
    'diff',
    folder.path('old.json'),
    folder.path('new.json'),
    '--json',
  ]);
  expect([status, stderr]).toEqual([0, '']);
  const { from, to, ...kinds } = JSON.parse(stdout) as ReportDiff;
  expect([from, to]).toEqual(['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']);
  const told = Object.entries(kinds).filter(([, changes]) => changes.length > 0);
  return Object.fromEntries(
    told.map(([kind, changes]) => [kind, changes.map(({ ruleId, was, is }) => `${ruleId} ${was ?? '-'} ${is ?? '-'}`)]),
  );
}

describe('what changed', () => {
  test.each<[what: string, before: Shorthand[], after: Shorthand[], changes: Record<string, string[]>]>([
    ['nothing', [{}], [{}], {}],
    ['it is unused now', [{}], [{ verdict: 'stale' }], { newlyStale: ['sgr-1 active stale'] }],
    [
      'it was not observed',
      [{ verdict: 'notObserved' }],
      [{ verdict: 'stale' }],
      { newlyStale: ['sgr-1 notObserved stale'] },
    ],
    ['it is used again', [{ verdict: 'stale' }], [{}], { backInUse: ['sgr-1 stale active'] }],
    ['others admit it now', [{}], [{ verdict: 'redundant' }], { newlyRedundant: ['sgr-1 active redundant'] }],
    ['it could be narrower now', [{}], [{ wide: true }], { newlyTooWide: ['sgr-1 - -'] }],
    ['it could be all the time', [{ wide: true }], [{ wide: true }], {}],
    ['it is not observed any more', [{ verdict: 'stale' }], [{ verdict: 'notObserved' }], {}],
    ['it is gone', [{}, { id: 'sgr-2', port: 23 }], [{}], { removed: ['sgr-2 active -'] }],
    ['one has come', [{}], [{}, { id: 'sgr-2', port: 23 }], { added: ['sgr-2 - active'] }],
    ['it has another id', [{}], [{ id: 'sgr-9' }], { recreated: ['sgr-9 sgr-1 sgr-9'] }],
    [
      'it has another id, and is used again',
      [{ verdict: 'stale' }],
      [{ id: 'sgr-9' }],
      { recreated: ['sgr-9 sgr-1 sgr-9'], backInUse: ['sgr-9 stale active'] },
    ],
    ['it was edited', [{}], [{ port: 23 }], { edited: ['sgr-1 in tcp 22 from 10.0.0.0/8 in tcp 23 from 10.0.0.0/8'] }],
    [
      'another group has it',
      [{}],
      [{ id: 'sgr-2', group: 'sg-2' }],
      { added: ['sgr-2 - active'], removed: ['sgr-1 active -'] },
    ],
    [
      'it is open to the world, and was not',
      [{}],
      [{ peer: '0.0.0.0/0', open: true }],
      {
        newlyOpenToWorld: ['sgr-1 - -'],
        edited: ['sgr-1 in tcp 22 from 10.0.0.0/8 in tcp 22 from 0.0.0.0/0'],
      },
    ],
    [
      'it is open to the world, and was',
      [{ open: true }],
      [{ id: 'sgr-7', open: true }],
      { recreated: ['sgr-7 sgr-1 sgr-7'] },
    ],
  ])('%s', async (_what, before, after, changes) => {
    expect(await diffOf(before, after)).toEqual(changes);
  });
});

test('in words, and in Markdown, in which text of others starts nothing', async () => {
  const before = [{}, { id: 'sgr-2', port: 23, group: 'sg-`x`\u001b[2J' }];
  await folder.write({
    'old.json': report('2026-01-01', before),
    'new.json': report('2026-02-01', [{ verdict: 'stale' }]),
  });
  const args = ['diff', folder.path('old.json'), folder.path('new.json')];
  expect((await runMain(args)).stdout).toBe(
    [
      'From 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z',
      '',
      'Newly unused: 1 rule',
      '  name of sg-1 (sg-1): in tcp 22 from 10.0.0.0/8, sgr-1 (active → stale)',
      '',
      'Removed: 1 rule',
      '  name of sg-`x`?[2J (sg-`x`?[2J): in tcp 23 from 10.0.0.0/8, sgr-2 (active → gone)',
      '',
    ].join('\n'),
  );
  const { stdout } = await runMain([...args, '--markdown']);
  expect(stdout).toContain(
    '## Newly unused: 1 rule\n\n- `name of sg-1 (sg-1)`: `in tcp 22 from 10.0.0.0/8`, `sgr-1` (`active` → `stale`)\n',
  );
  expect(stdout).not.toContain('\u001b');
  await folder.write({ 'new.json': report('2026-02-01', before) });
  expect((await runMain(args)).stdout).toContain('\nNothing changed.\n');
});

test.each([
  ['the later one first', ['new.json', 'old.json'], /is older than .*: give the older one first/],
  ['one that is not there', ['gone.json', 'new.json'], /gone\.json/],
  ['what is no report', ['none.json', 'new.json'], /none\.json: no usage\.json of version 1: /],
  ['no JSON', ['text.json', 'new.json'], /text\.json: not JSON/],
])('%s', async (_what, names, says) => {
  await folder.write({
    'old.json': report('2026-01-01', []),
    'new.json': report('2026-02-01', []),
    'none.json': {},
    'text.json': 'x',
  });
  const { status, stderr } = await runMain(['diff', ...names.map((name) => folder.path(name))]);
  expect([status, stderr]).toEqual([1, expect.stringMatching(says)]);
});
