import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import {
  recertification,
  type Recertification,
} from '../../../../../services/command-line/commands/recertify/recertification.ts';
import { readExemptions } from '../../../../../shared/verdicts/exemption-list.ts';
import { planOf } from '../../../send-report/reports.ts';
import { runMain, type Run } from '../../program.ts';
import { scratch } from '../../scratch.ts';

const folder = scratch();

interface Shorthand {
  readonly id: string;
  readonly group?: string;
  readonly peer?: string;
  readonly owner?: string;
  /** `stale`, `active`, …; or an exemption: reason, owner and day. */
  readonly verdict?: string | readonly [reason: string, owner: string | null, until: string | null];
  readonly used?: number;
  /** Of these, alone (default: all). */
  readonly sole?: number;
  readonly possible?: number;
  readonly watched?: number;
  readonly lastUsed?: string;
  readonly open?: boolean;
  readonly wide?: boolean;
  readonly port?: number;
}

function rule(given: Shorthand): object {
  const { id, group = 'sg-1', peer = '10.0.0.0/8', verdict = 'active', used = 0, possible = 0, watched = 30 } = given;
  const verdicts: Record<string, object> = {
    active: { kind: 'active', unanswered: false },
    stale: { kind: 'stale', ageUnknown: false },
    redundant: { kind: 'redundant', coveredBy: [], ageUnknown: false },
  };
  const narrower = {
    ruleId: id,
    rules: [{ protocol: 'tcp', ports: { from: 22, to: 22 }, peer: { type: 'cidrIpv4', value: '10.1.2.3/32' } }],
    givesUp: 0.99,
    serviceFlows: 3,
    days: 3,
    caveats: ['fewDays'],
  };
  const kept =
    typeof verdict === 'string'
      ? undefined
      : { kind: 'exempt', reason: verdict[0], owner: verdict[1], until: verdict[2] };
  const day = { skipped: 0, records: 9, accepted: 9, interfaceDays: 30, observedDays: 30 };
  return {
    ruleId: id,
    groupId: group,
    groupName: `web of ${group}`,
    direction: 'ingress',
    protocol: 'tcp',
    fromPort: given.port ?? 22,
    toPort: given.port ?? 22,
    icmp: null,
    description: '',
    peer: { type: 'cidrIpv4', value: peer, name: null },
    usedTimes: used,
    soleTimes: given.sole ?? used,
    replyTimes: used,
    possibleTimes: possible,
    lastPossible: null,
    lastUsed: given.lastUsed ?? null,
    verdict: kept ?? verdicts[verdict as string],
    why: kept ? 'kept on purpose' : 'as it is',
    rank: { score: 1, exposure: 1, idleness: 1 },
    owner: given.owner === undefined ? null : { name: given.owner, from: 'the tag owner of its rule' },
    narrower: given.wide ? narrower : null,
    evidence: { days: 30, watchedDays: watched, ...day, knownSince: null, young: null },
  };
}

function report(asOf: string, rules: readonly Shorthand[]): object {
  const findings = rules
    .filter(({ open }) => open)
    .map(({ id }) => ({ finding: { kind: 'openToWorld', ruleId: id }, rank: 1, text: '' }));
  return { schemaVersion: 1, asOf: `${asOf}T00:00:00Z`, windowDays: 30, rules: rules.map(rule), findings, plan: null };
}

const LIST = `rule_id,group_id,cidr,tag,group_name,reason,owner,expires
sgr-1,,,,,audit,jane,2026-03-15
sgr-2,,,,,once a year,bob,2026-02-27
,sg-9,,,,legacy,jane,2026-02-28
,,172.16.0.0/12,,,far away,jane,2027-01-01
,,,team=shop,,shop,bob,2026-03-31
`;
const RULES: readonly Shorthand[] = [
  { id: 'sgr-1', verdict: ['audit', 'jane', '2026-03-15'], used: 7, lastUsed: '2026-02-28T10:00:00Z' },
  { id: 'sgr-2', verdict: ['once a year', 'bob', '2026-02-27'], port: 23 },
  { id: 'sgr-3', group: 'sg-9', verdict: ['legacy', 'jane', '2026-02-28'], possible: 3 },
  { id: 'sgr-4', group: 'sg-9', verdict: ['legacy', 'jane', '2026-02-28'], port: 23, watched: 0 },
  { id: 'sgr-5', peer: '172.16.1.0/24', verdict: 'stale', owner: 'jane' },
  { id: 'sgr-6', verdict: 'stale', port: 80, owner: 'ann' },
  { id: 'sgr-7', verdict: 'redundant', port: 81, owner: 'ann', used: 3 },
  { id: 'sgr-8', port: 82, owner: 'bob', used: 3, wide: true, open: true },
  { id: 'sgr-9', port: 83, used: 3 },
  { id: 'sgr-10', port: 84, verdict: ['shop', 'bob', '2026-03-31'] },
  { id: 'sgr-11', port: 85, owner: 'cleo', verdict: ['by tag', null, '2026-03-31'] },
  { id: 'sgr-12', port: 86, verdict: ['for good', null, null] },
];

async function run(...more: string[]): Promise<Run> {
  return runMain(['recertify', '--report', folder.path('usage.json'), '--as-of', '2026-03-01', ...more]);
}

async function told(...more: string[]): Promise<Recertification> {
  const { status, stdout, stderr } = await run(...more, '--json');
  expect([status, stderr]).toEqual([0, '']);
  return recertification.strict().parse(JSON.parse(stdout));
}

/** `jane | ended until rules | ends … | decide what rule`. */
function shortly({ owners }: Recertification): string[] {
  return owners.map(({ owner, expired, expiring, toDecide }) => {
    const each = (some: typeof expired): string =>
      some
        .map(({ until, rules }) =>
          [until.slice(5), ...rules.map(({ ruleId, traffic }) => `${ruleId}:${traffic}`)].join(' '),
        )
        .join(', ');
    const decide = toDecide.map(({ ruleId, whats }) => [ruleId, ...whats].join(' ')).join(', ');
    return `${owner ?? '-'} | ${each(expired)} | ${each(expiring)} | ${decide}`;
  });
}

async function written(rules: readonly Shorthand[] = RULES): Promise<string[]> {
  await folder.write({ 'usage.json': report('2026-03-01', rules), 'list.csv': LIST });
  return ['--exemptions', folder.path('list.csv')];
}

describe('what each owner is to decide', () => {
  test('exemptions that ended, or end within the days, with the traffic of their rules; what has none', async () => {
    const list = await written();
    expect(shortly(await told(...list))).toEqual([
      'ann |  |  | sgr-6 unused, sgr-7 redundant',
      'bob | 02-27 sgr-2:notSeen | 03-31 sgr-10:notSeen | sgr-8 openToWorld tooWide',
      'cleo |  | 03-31 sgr-11:notSeen | ',
      'jane | 02-28 sgr-3:perhaps sgr-4:notWatched | 03-15 sgr-1:inUse | ',
    ]);
    expect(shortly(await told(...list, '--days', '14', '--owner', 'j*', 'bob'))).toEqual([
      'bob | 02-27 sgr-2:notSeen |  | sgr-8 openToWorld tooWide',
      'jane | 02-28 sgr-3:perhaps sgr-4:notWatched | 03-15 sgr-1:inUse | ',
    ]);
  });

  test('the last day of an exemption is one on which it holds', async () => {
    const list = await written();
    const on = async (day: string): Promise<string> =>
      shortly(await told(...list, '--owner', 'jane', '--days', '1', '--as-of', day))[0]!;
    expect(await on('2026-02-28')).toBe('jane |  | 02-28 sgr-3:perhaps sgr-4:notWatched | ');
    expect(await on('2026-03-01')).toBe('jane | 02-28 sgr-3:perhaps sgr-4:notWatched |  | ');
  });

  test('in use beside others that admitted the same, it may well need its exemption', async () => {
    await written([{ ...RULES[0]!, sole: 0 }]);
    const [{ expiring }] = (await told()).owners as [Recertification['owners'][number]];
    expect(expiring[0]!.rules[0]!.today).toBe(
      'in use, the last time 2026-02-28T10:00:00Z: but other rules admitted all of it too, and may be taken to cover it',
    );
  });

  test('without a list, those of the verdicts; with one, what is no more on it was decided', async () => {
    await written();
    expect(shortly(await told('--owner', 'bob', 'jane'))).toEqual([
      'bob | 02-27 sgr-2:notSeen | 03-31 sgr-10:notSeen | sgr-8 openToWorld tooWide',
      'jane | 02-28 sgr-3:perhaps, 02-28 sgr-4:notWatched | 03-15 sgr-1:inUse | sgr-5 unused',
    ]);
    await folder.write({ 'list.csv': LIST.split('\n').slice(0, 1).join('\n') });
    expect(shortly(await told('--exemptions', folder.path('list.csv'), '--owner', 'jane'))).toEqual([
      'jane |  |  | sgr-5 unused',
    ]);
  });

  test('since a former report, only what is new', async () => {
    const list = await written();
    const before = RULES.filter(({ id }) => id !== 'sgr-9').map((one) => ({
      ...one,
      ...(one.id === 'sgr-7' && { verdict: 'active' }),
      ...(one.id === 'sgr-8' && { wide: false }),
      // The same content under another id is the same rule.
      ...(one.id === 'sgr-6' && { id: 'sgr-66' }),
    }));
    await folder.write({ 'old.json': report('2026-02-01', before) });
    const { owners } = await told(...list, '--since', folder.path('old.json'));
    expect(owners.flatMap(({ toDecide }) => toDecide.map(({ ruleId, whats }) => [ruleId, ...whats].join(' ')))).toEqual(
      ['sgr-7 redundant', 'sgr-8 tooWide', 'sgr-9 added'],
    );
    const { stderr, status } = await run('--since', folder.path('usage.json'), '--report', folder.path('old.json'));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/must be the former one\n$/)]);
  });

  test('of a plan, what it says; else what it could be narrowed to', async () => {
    await written();
    const { owners } = await told('--owner', 'bob');
    expect(owners[0]!.toDecide[0]!.go).toBe(
      'narrow it to tcp 22 10.1.2.3/32, by 3 days of evidence; mind: a few days of evidence show no weekly or monthly traffic',
    );
  });

  test('a plan that is no longer good lets nothing go', async () => {
    const plan = planOf(['sgr-6']);
    await folder.write({ 'usage.json': { ...report('2026-02-01', [RULES[5]!]), plan } });
    const go = async (day: string) => (await told('--as-of', day)).owners[0]!.toDecide[0]!.go;
    expect(await go(plan.goodUntil)).toBe('stage 1 of the plan removes it');
    expect(await go('2026-12-01')).toBe(`a plan let it go that was good until ${plan.goodUntil}: plan anew`);
  });
});

test('status 3 only if it is asked for, and something has ended', async () => {
  const list = await written();
  expect((await run(...list)).status).toBe(0);
  const failed = await run(...list, '--fail-on-expired');
  expect([failed.status, failed.stderr]).toEqual([3, 'stale-sg: 2 exemptions ended: keep or let go\n']);
  expect((await run(...list, '--fail-on-expired', '--owner', 'ann')).status).toBe(0);
});

const HOSTILE = 'it\'s; $(touch gone) `id` "x" \u001b[31m\n--owner=eve';

test('the command to keep a rule is ready for a shell, whatever reason and owner say, and is taken by exempt', async () => {
  const list = JSON.stringify([{ rule_id: 'sgr-1', reason: HOSTILE, owner: '--list=x', expires: '2026-03-02' }]);
  await folder.write({ 'usage.json': report('2026-03-01', [RULES[0]!, RULES[5]!]), 'a b.json': list });
  const { owners } = await told('--exemptions', folder.path('a b.json'));
  const commands = owners.map(({ expiring, toDecide }) => [...expiring, ...toDecide][0]!.keep!);
  const wordsOf = (command: string): string[] =>
    execFileSync('sh', ['-c', `unset WHY OWNER; ${command.replace(/^stale-sg/, "printf '%s\\0'")}`], {
      encoding: 'utf8',
    })
      .split('\0')
      .slice(0, -1);
  const kept = await runMain(wordsOf(commands[0]!));
  expect([kept.status, kept.stderr]).toEqual([0, '']);
  expect(readExemptions(await folder.read('a b.json'), '')).toMatchObject([
    {
      target: { value: 'sgr-1' },
      reason: HOSTILE.replace(/[\u001b\n]/g, '?'),
      owner: '--list=x',
      expires: '2027-03-01',
    },
  ]);
  // Nothing is kept without a reason.
  const unsaid = await runMain(wordsOf(commands[1]!));
  expect([unsaid.status, unsaid.stderr]).toEqual([1, expect.stringMatching(/reason: missing/)]);
});

test('printed in lines of a shell, it is the same command: options within texts of others are none', async () => {
  const reason = "to be asked --until=2099-01-01 a' --owner=eve --list=y";
  const list = [
    { rule_id: 'sgr-1', reason, owner: "o'neil --list=z", expires: '2026-03-02' },
    { group_name: 'a\u200db', reason: 'r', owner: 'o', expires: '2026-03-03' },
  ];
  await folder.write({ 'usage.json': report('2026-03-01', [RULES[0]!]), 'a b.json': JSON.stringify(list) });
  const args = ['--exemptions', folder.path('a b.json')];
  const [one, other] = (await told(...args)).owners
    .flatMap(({ expiring }) => expiring)
    .sort((a, b) => (a.until < b.until ? -1 : 1));
  const words = (command: string): string =>
    execFileSync('sh', ['-c', `stale() { printf '%s\\n' "$@"; }\n${command.replace(/^\s*stale-sg/, 'stale')}`], {
      encoding: 'utf8',
    });
  for (const form of [[], ['--markdown']]) {
    const { stdout } = await run(...args, ...form);
    const [command] = /^ *stale-sg exempt [^]*?a b\.json'$/m.exec(stdout)!;
    expect(words(command)).toBe(words(one!.keep!));
    expect(words(command)).toContain(`--reason=${reason}\n`);
  }
  // A name that cannot be shown is none that can be written.
  expect(other!.keep).toBeNull();
});

test('the text fits 80 columns and says why a rule is kept and what its traffic says; so does the Markdown', async () => {
  const list = await written([
    ...RULES,
    { id: 'sgr-13', owner: `<img src=x>|\`x\`${HOSTILE}`, verdict: 'stale', port: 99 },
  ]);
  const { stdout } = await run(...list);
  // A quoted word is not broken.
  const wide = stdout.split('\n').filter((line) => line.length > 80 && !/^ {8}--(?:list|owner)=/.test(line));
  expect(wide).toEqual([]);
  expect(stdout).not.toMatch(/\u001b/);
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'kept until 2026-03-15, says jane: audit by ' +
      `${folder.path('list.csv')}:2 traffic: in use, the last time 2026-02-28T10:00:00Z: no exemption is needed to keep it`,
  );
  const { stdout: page } = await run(...list, '--markdown');
  expect(page.match(/^## .*/gm)).toHaveLength(5);
  expect(page).toMatch(/^## ``<img src=x>\\\|`x`it's; .*``$/m);
  expect(page).toContain('in use, the last time 2026-02-28T10:00:00Z');
  expect(page).not.toMatch(/\u001b/);
});

test('nothing to decide', async () => {
  await folder.write({ 'usage.json': report('2026-03-01', []) });
  expect((await run()).stdout).toMatch(/Nothing is to be decided\.\n$/);
  await folder.write({ 'usage.json': { schemaVersion: 2 } });
  expect((await run()).stderr).toMatch(/no usage\.json of version 1/);
});
