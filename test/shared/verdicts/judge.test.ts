import { describe, expect, test } from '@jest/globals';
import { KEEP_TAG } from '../../../shared/verdicts/judge.ts';
import { WINDOW_TAG } from '../../../shared/verdicts/window-tag.ts';
import { judged, QUIET, verdictOf, type World } from './world.ts';

type Row = [says: string, why: string, world: World];

const twoRules = [...QUIET.rules, 'r2 sg-web in tcp 1-100 10.0.0.0/8'];
/** All of `r1`'s use of one day was also admitted by `r2`. */
const threeRules = [...twoRules, 'r3 sg-web in tcp 0-65535 10.0.0.0/8'];
const covered: World = {
  rules: twoRules,
  use: ['r1 3 used=4 reply=4', 'r2 3 used=9 sole=5 reply=9'],
  sets: ['3 r1,r2', '3 r2'],
};

describe('ICMP, whose types are never logged', () => {
  const icmp = (one: string, other: string): World => ({
    ...covered,
    rules: [`r1 sg-web in icmp ${one} 10.0.0.0/8`, `r2 sg-web in ${other} 10.0.0.0/8`],
  });
  test.each<Row>([
    ['active', 'another type', icmp('8/0', 'icmp 3/4')],
    ['active', 'all types, against one of them', icmp('-1/-1', 'icmp 8/0')],
    ['active', 'another code', icmp('3/4', 'icmp 3/1')],
    ['active', 'another code of a type that is logged', icmp('8/4', 'icmp 8/0')],
    [
      'active',
      'all protocols, against one type',
      { ...covered, rules: ['r1 sg-web in -1 10.0.0.0/8', 'r2 sg-web in icmp 8/0 10.0.0.0/8'] },
    ],
    ['redundant by r2 ageUnknown', 'the same type and code', icmp('8/0', 'icmp 8/0')],
    ['redundant by r2 ageUnknown', 'the same type, any code', icmp('8/4', 'icmp 8/-1')],
    ['redundant by r2 ageUnknown', 'all types', icmp('8/0', 'icmp -1/-1')],
    ['redundant by r2 ageUnknown', 'all protocols', icmp('8/0', '-1')],
  ])('%s: %s', (says, _why, world) => {
    expect(verdictOf(world)).toBe(says);
  });
});

describe('unused', () => {
  test.each<Row>([
    ['stale ageUnknown', 'nobody says how old the rule is', {}],
    ['stale', 'known since the first second of the window', { rulesKnownSince: 0 }],
    ['stale', 'known for longer', { rulesKnownSince: -50 }],
    ['tooYoung rule since 2026-01-11T00:00:01Z', 'a second younger than the window', { rulesKnownSince: 1 / 86_400 }],
    ['tooYoung rule since 2026-01-20T12:00:00Z', 'known since the last day', { rulesKnownSince: 9.5 }],
    [
      'tooYoung rule since 2026-02-10T00:00:00Z',
      'known since after the window: an odd claim, taken as it is',
      { rulesKnownSince: 30 },
    ],
    ['stale', 'a shorter window begins after the rule did', { rulesKnownSince: 5, windowDays: 5 }],
    ['stale ageUnknown', 'used the day before the window', { use: ['r1 0 used=5 sole=5 reply=5'] }],
    ['stale ageUnknown', 'used the day after it', { use: ['r1 12 used=5 sole=5 reply=5'] }],
    ['stale ageUnknown', 'untracked replies pass by it: no use', { use: ['r1 3 untracked=9'] }],
    ['stale ageUnknown', 'possible use before the window is none in it', { use: ['r1 0 possible=5'] }],
  ])('%s: %s', (says, _why, world) => {
    expect(verdictOf(world)).toBe(says);
  });
});

describe('used', () => {
  test.each<Row>([
    ['active', 'a sole request with its answer', { use: ['r1 3 used=1 sole=1 reply=1'], sets: ['3 r1'] }],
    ['active', 'on the first day of the window', { use: ['r1 1 used=1 sole=1 reply=1'], sets: ['1 r1'] }],
    ['active', 'on the last day', { use: ['r1 10 used=1 sole=1 reply=1'], sets: ['10 r1'] }],
    [
      'active',
      'in the first second after it, where midnight is asked of',
      { use: ['r1 11 used=1 reply=1'], sets: ['11 r1'] },
    ],
    ['active', 'only replies were seen: somebody was let in', { use: ['r1 3 reply=1'], sets: ['3 r1'] }],
    ['active unanswered', 'no reply was seen: scans', { use: ['r1 3 used=7 sole=7'], sets: ['3 r1'] }],
    ['active', 'answered on another day', { use: ['r1 3 used=7 sole=7', 'r1 4 reply=1'], sets: ['3 r1', '4 r1'] }],
    [
      'active unanswered',
      'the answer lies before the window',
      { use: ['r1 0 reply=1', 'r1 3 used=7'], sets: ['3 r1'] },
    ],
    [
      'active',
      'and nothing was observed: use needs no coverage',
      { use: ['r1 3 used=1 sole=1 reply=1'], flowLogs: [] },
    ],
    ['active', 'and too young', { use: ['r1 3 used=1 sole=1 reply=1'], rulesKnownSince: 5 }],
    ['active', 'its group is on no interface any more', { use: ['r1 3 used=1 sole=1 reply=1'], interfaces: [] }],
    [
      'active',
      'it admits DHCP only, and yet some was seen',
      { rules: ['r1 sg-web in udp 67-68 0.0.0.0/0'], use: ['r1 3 used=1 sole=1 reply=1'] },
    ],
    ['active', 'possible use besides', { use: ['r1 3 used=1 sole=1 reply=1 possible=9'] }],
  ])('%s: %s', (says, _why, world) => {
    expect(verdictOf(world)).toBe(says);
  });
});

describe('used, never alone', () => {
  test.each<Row>([
    ['redundant by r2 ageUnknown', 'another rule admitted all of it', covered],
    ['redundant by r2', 'and its age is vouched for', { ...covered, rulesKnownSince: 0 }],
    [
      'redundant by r2,r3 ageUnknown',
      'now one, now the other',
      { ...covered, rules: threeRules, sets: ['3 r1,r2', '4 r1,r3', '4 r2,r3'] },
    ],
    ['redundant by r2,r3 ageUnknown', 'both each time', { ...covered, rules: threeRules, sets: ['3 r1,r2,r3'] }],
    ['active', 'the other rule does not stand any more', { ...covered, sets: ['3 r1,r9'] }],
    [
      'active',
      'the other rule is of another group, and nothing carries both any more',
      { ...covered, rules: [...QUIET.rules, 'r2 sg-db in tcp 1-100 10.0.0.0/8'], sets: ['3 r1,r2 sg-db,sg-web'] },
    ],
    [
      'redundant by r2 ageUnknown',
      'records set aside, in the same sets as the others',
      { ...covered, use: ['r1 3 used=4 reply=4 setAside=4'] },
    ],
    ['redundant by r2 ageUnknown', 'no reply was seen', { ...covered, use: ['r1 3 used=4'] }],
    ['redundant by r2 ageUnknown', 'only replies were seen', { ...covered, use: ['r1 3 reply=4'] }],
    ['active', 'one request alone', { ...covered, use: ['r1 3 used=4 sole=1 reply=4'] }],
    ['active', 'replies alone: a set of its own, though no request was', { ...covered, sets: ['3 r1,r2', '5 r1'] }],
    ['redundant by r2 ageUnknown', 'a set of its own before the window', { ...covered, sets: ['0 r1', '3 r1,r2'] }],
    ['active', 'a set of its own on the day of asking', { ...covered, sets: ['3 r1,r2', '11 r1'] }],
    ['redundant by r2 ageUnknown', 'a set of its own after that', { ...covered, sets: ['3 r1,r2', '12 r1'] }],
    ['active', 'no set tells who else admitted it', { ...covered, sets: [] }],
    ['active', 'sets of other rules only', { ...covered, sets: ['3 r2,r3'] }],
    ['active', 'too young to have shown what it does', { ...covered, rulesKnownSince: 1 }],
    ['active', 'not covered well enough', { ...covered, interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaa..'] }],
    ['active', 'data was skipped', { ...covered, more: ['eni-a 3 skipData=1'] }],
    [
      'active',
      'of what is never logged',
      { ...covered, rules: ['r1 sg-web in tcp 988 10.0.0.0/8', ...twoRules.slice(1)] },
    ],
    ['active', 'shared with a VPC that was not heard', { ...covered, associations: ['sg-web vpc-2 associated'] }],
    [
      'active',
      'possible use besides: of that nobody knows whether another rule covers it',
      { ...covered, use: ['r1 3 used=4 reply=4 possible=2'] },
    ],
    ['active', 'its group is on no interface, and nothing else of its VPC was heard', { ...covered, interfaces: [] }],
    [
      'redundant by r2 ageUnknown',
      'its group is on no interface any more',
      { ...covered, interfaces: ['eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'] },
    ],
  ])('%s: %s', (says, _why, world) => {
    expect(verdictOf(world)).toBe(says);
  });

  test('two rules that cover each other are both redundant; which may go is not said here', () => {
    const world: World = { ...covered, use: ['r1 3 used=4 reply=4', 'r2 3 used=4 reply=4'], sets: ['3 r1,r2'] };
    expect(judged(world).map(({ verdict }) => verdict)).toEqual([
      { kind: 'redundant', coveredBy: ['r2'], ageUnknown: true },
      { kind: 'redundant', coveredBy: ['r1'], ageUnknown: true },
    ]);
  });
});

describe('who may stand in', () => {
  const KEEPER = '0-65535';
  const by = (keeper: string, more: World = {}): World => ({
    ...covered,
    rules: ['r1 sg-web in tcp 22 10.0.0.0/8', `r2 sg-web in ${keeper}`],
    interfaces: [...QUIET.interfaces, 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'],
    lists: ['pl-1 10.0.0.0/8'],
    ...more,
  });
  const proven = { sets: ['3 r1,r2 sg-web proven', '3 r2 sg-web proven'] };
  const ofGroup = { rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 1-100 10.0.0.0/8'] };
  const adapters = (type: string): World => ({
    ...ofGroup,
    interfaces: [`eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa ${type}`, 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'],
  });
  test.each<Row>([
    ['redundant by r2 ageUnknown', 'a rule with a CIDR', by(`tcp ${KEEPER} 10.0.0.0/8`)],
    ['redundant by r2 ageUnknown', 'a list whose entries are known', by(`tcp ${KEEPER} pl-1`)],
    ['active', 'not a list whose entries nobody knows', by(`tcp ${KEEPER} pl-1`, { lists: [] })],
    ['active', 'not a rule for a group, of which nothing shows that AWS honours it', by(`tcp ${KEEPER} sg-db`)],
    ['redundant by r2 ageUnknown', 'but one that was seen to work alone there', by(`tcp ${KEEPER} sg-db`, proven)],
    [
      'active',
      'not one that worked on interfaces of other groups',
      by(`tcp ${KEEPER} sg-db`, { sets: ['3 r1,r2 sg-web proven', '3 r2 sg-db,sg-web proven'] }),
    ],
    [
      'active',
      'nor one that worked before the window',
      by(`tcp ${KEEPER} sg-db`, { sets: ['3 r1,r2 sg-web proven', '0 r2 sg-web proven'] }),
    ],
    [
      'active',
      'nor one that was alone without a SYN',
      by(`tcp ${KEEPER} sg-db`, { sets: ['3 r1,r2 sg-web proven', '3 r2 sg-web'] }),
    ],
    [
      'active',
      'nor for what came from another subnet, be it on one day',
      by(`tcp ${KEEPER} sg-db`, { sets: [...proven.sets, '4 r1,r2 sg-web', '5 r1,r2 sg-web proven'] }),
    ],
    [
      'active',
      'nor if that was the first day',
      by(`tcp ${KEEPER} sg-db`, { sets: ['3 r1,r2 sg-web', '3 r2 sg-web proven', '4 r1,r2 sg-web proven'] }),
    ],
    ['redundant by r2 ageUnknown', 'a CIDR for a group', by('', ofGroup)],
    ['active', 'but not where the group is on an EFA', by('', adapters('efa'))],
    ['active', 'of any kind', by('', adapters('efa-only'))],
    [
      'active',
      'nor where the group that it names is on one',
      by('', {
        ...ofGroup,
        interfaces: [...QUIET.interfaces, 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa efa'],
      }),
    ],
  ])('%s: %s', (says, _why, world) => {
    expect(verdictOf(world)).toBe(says);
  });
});

describe('on no interface', () => {
  const alone: World = { interfaces: ['eni-a vpc-1/subnet-1 sg-other aaaaaaaaaa'] };
  test.each<Row>([
    ['unattached ageUnknown', 'and no rule names its group', alone],
    ['unattached', 'with its age known', { ...alone, rulesKnownSince: 0 }],
    ['tooYoung rule since 2026-01-12T00:00:00Z', 'too young before all', { ...alone, rulesKnownSince: 1 }],
    ['notObserved notWatched 0/0 missing', 'nothing at all was read', { interfaces: [] }],
    [
      'notObserved notWatched 0/10 noAccepted',
      'nothing accepted was read of its VPC',
      { interfaces: ['eni-a vpc-2/subnet-2 sg-other aaaaaaaaaa'] },
    ],
    [
      'notObserved peerAbsent sg-web',
      'its peer is the group itself',
      { ...alone, rules: ['r1 sg-web in tcp 22 sg-web'] },
    ],
    [
      'unattached referred ageUnknown',
      'a rule of another group names it, which keeps nothing',
      { ...alone, rules: [...QUIET.rules, 'r2 sg-db in tcp 1-2 sg-web'] },
    ],
    [
      'unattached ageUnknown',
      'a prefix list or CIDR of this name is no group',
      { ...alone, rules: [...QUIET.rules, 'r2 sg-db in tcp 1-2 4=sg-web'] },
    ],
    [
      'notObserved onlyPossibleUse 2',
      'possible use: an interface that came and went',
      { ...alone, use: ['r1 3 possible=2'] },
    ],
    ['notObserved sharedGroup vpc-2', 'it serves another VPC', { ...alone, associations: ['sg-web vpc-2 associated'] }],
  ])('%s: %s', (says, _why, world) => {
    expect(verdictOf(world)).toBe(says);
  });

  test('one interface is enough', () => {
    expect(
      verdictOf({ interfaces: ['eni-b vpc-1/subnet-1 - aaaaaaaaaa', 'eni-a vpc-1/subnet-1 sg-x,sg-web aaaaaaaaaa'] }),
    ).toBe('stale ageUnknown');
  });
});

describe(`the tag ${KEEP_TAG}`, () => {
  const keep = (value: string, more: World = {}): World => ({ tags: [`${KEEP_TAG}=${value}`], ...more });
  test.each<Row>([
    ['exempt "break-glass access" until ever', 'a reason without an end', keep('break-glass access')],
    ['exempt "audit" until 2026-03-31', 'a reason and an end', keep('audit until 2026-03-31')],
    [
      'exempt "audit, see TICKET-7" until 2026-03-31',
      'blanks before the end go',
      keep('audit, see TICKET-7   until 2026-03-31'),
    ],
    ['exempt "" until 2026-03-31', 'an end alone', keep('until 2026-03-31')],
    ['exempt "" until ever', 'nothing said', keep('')],
    [
      'exempt "wait until 2026-03-31 at least" until ever',
      'a date in the middle is no end',
      keep('wait until 2026-03-31 at least'),
    ],
    ['exempt "rununtil 2026-03-31" until ever', 'a word that ends so is none', keep('rununtil 2026-03-31')],
    ['exempt "until spring" until ever', 'an end that is no date', keep('until spring')],
    ['exempt "two\nlines" until 2026-03-31', 'of several lines', keep('two\nlines until 2026-03-31')],
    [
      'exempt "x" until 2026-01-21',
      'the last second of its last day',
      keep('x until 2026-01-21', { asOf: 11 - 1 / 86_400 }),
    ],
    ['stale ageUnknown', 'a second later it is over', keep('x until 2026-01-20')],
    ['stale ageUnknown', 'long over', keep('x until 2024-12-31')],
    ['exempt "x" until 2026-13-31', 'no such month: it errs to keep', keep('x until 2026-13-31')],
    ['exempt "x" until ever', 'a used rule', keep('x', { use: ['r1 3 used=1 sole=1 reply=1'] })],
    ['exempt "x" until ever', 'a rule not observed', keep('x', { flowLogs: [] })],
    ['exempt "x" until ever', 'a rule too young', keep('x', { rulesKnownSince: 5 })],
    ['active', 'expired: used is used', keep('x until 2024-12-31', { use: ['r1 3 used=1 sole=1 reply=1'] })],
    ['stale ageUnknown', 'another tag', { tags: ['stale-sg:Keep=x', 'keep=x', 'Name=until 2026-03-31'] }],
  ])('%s: %s', (says, _why, world) => {
    expect(verdictOf(world)).toBe(says);
  });
});

describe(`the tag ${WINDOW_TAG}`, () => {
  const tagged = (value: string, more: World = {}): World => ({ tags: [`${WINDOW_TAG}=${value}`], ...more });
  const usedOnDay3: World = { use: ['r1 3 used=1 sole=1 reply=1'] };
  test.each<Row>([
    ['notObserved notWatched 10/20 missing', 'longer than the logs: who tagged it wants no less', tagged('20')],
    [
      'stale ageUnknown',
      'longer, and heard as long',
      tagged('20', { interfaces: ['eni-a vpc-1/subnet-1 sg-web -9:aaaaaaaaaaaaaaaaaaaa'] }),
    ],
    ['active', 'longer: use before the general window counts', tagged('20', { use: ['r1 -4 used=1 sole=1 reply=1'] })],
    ['active', 'eight days reach back to day 3', tagged('8', usedOnDay3)],
    ['stale ageUnknown', 'seven do not', tagged('7', usedOnDay3)],
    ['stale', 'shorter: the rule is old enough for it', tagged('5', { rulesKnownSince: 5 })],
    ['tooYoung rule since 2026-01-16T00:00:00Z', 'a day more and it is not', tagged('6', { rulesKnownSince: 5 })],
    ['stale ageUnknown', '1 is the least', tagged('1', usedOnDay3)],
    ['active', '0 is none: the general window', tagged('0', usedOnDay3)],
    ['active', '3651 is none', tagged('3651', usedOnDay3)],
    ['notObserved notWatched 10/3650 missing', '3650 is the most', tagged('3650')],
    ['active', 'words are none', tagged('7 days', usedOnDay3)],
    ['notObserved windowTag 7 days', 'words are none: what silence is to mean nobody can tell', tagged('7 days')],
    ['notObserved windowTag 3651', 'nor is 3651 any', tagged('3651')],
    [
      'notObserved notWatched 10/20 missing',
      'longer than the logs, and younger: more than age is missing',
      tagged('20', { rulesKnownSince: 5 }),
    ],
    [
      'redundant by r2 ageUnknown',
      'shorter: what it alone admitted before does not count',
      tagged('5', {
        rules: twoRules,
        use: ['r1 8 used=4 reply=4', 'r2 8 used=9 sole=5 reply=9'],
        sets: ['2 r1', '8 r1,r2', '8 r2'],
      }),
    ],
    ['active', 'a fraction is none', tagged('7.5', usedOnDay3)],
    ['active', 'a sign is none', tagged('+7', usedOnDay3)],
    ['active', 'empty is none', tagged('', usedOnDay3)],
  ])('%s: %s', (says, _why, world) => {
    expect(verdictOf(world)).toBe(says);
  });

  test('is of its rule alone, and so is the sum of its use', () => {
    const world: World = {
      ...tagged('2'),
      rules: twoRules,
      use: ['r1 3 used=5 sole=5 reply=1', 'r2 3 used=7 sole=7 reply=1'],
    };
    expect(
      judged(world).map(({ rule, window, use, verdict }) => [rule.ruleId, window.days, use.usedTimes, verdict.kind]),
    ).toEqual([
      ['r1', 2, 0, 'stale'],
      ['r2', 10, 7, 'active'],
    ]);
  });
});

describe('the moment asked of', () => {
  const heardTenDays = QUIET.interfaces;
  test.each<Row>([
    ['stale ageUnknown', 'midnight: the day that begins need not be observed', { asOf: 10, interfaces: heardTenDays }],
    ['notObserved notWatched 9/10 missing', 'a second into a day of which nothing is read', { asOf: 10 + 1 / 86_400 }],
    ['stale ageUnknown', 'the last second of the last day that is read', { asOf: 10 - 1 / 86_400 }],
    ['notObserved notWatched 0/0 missing', 'before all that is read', { asOf: -20 }],
    ['notObserved notWatched 0/10 noAccepted', 'long after it', { asOf: 500 }],
    ['active', 'midnight: use in its first second counts', { asOf: 2, windowDays: 1, use: ['r1 3 used=1 reply=1'] }],
    [
      'stale ageUnknown',
      'a second before it, it does not',
      { asOf: 2 - 1 / 86_400, windowDays: 1, use: ['r1 3 used=1 reply=1'] },
    ],
  ])('%s: %s', (says, _why, world) => {
    expect(verdictOf(world)).toBe(says);
  });
});

describe('what a verdict says besides', () => {
  test('whether its group was watched well enough, and long enough, for advice on a rule in use', () => {
    const use = ['r1 3 used=1 sole=1 reply=1'];
    const isFounded = (world: World): boolean => judged({ use, ...world })[0]!.isFounded;
    expect(
      [{}, { flowLogs: [] as string[] }, { logs: ['- 5 hours=3'] }, { rulesKnownSince: 5 }].map(isFounded),
    ).toEqual([true, true, false, false]);
  });
});

test('every rule is judged, in the order of the inventory', () => {
  const world: World = {
    groups: ['sg-b vpc-1', 'sg-a vpc-1'],
    rules: [
      'r3 sg-b in tcp 1-2 10.0.0.0/8',
      'r2 sg-a out -1 0.0.0.0/0',
      'r1 sg-b in udp 1-2 10.0.0.0/8',
      'r9 sg-a in -1 ::/0',
    ],
  };
  expect(judged(world).map(({ rule }) => rule.ruleId)).toEqual(['r2', 'r9', 'r1', 'r3']);
});

describe('what rests on a part of the window says when there is more', () => {
  const first = (world: World) => judged(world)[0]!.verdict;

  test('too young: the first day as of whose first second it is as old as the window', () => {
    const since = (day: number) => first({ rulesKnownSince: day });
    expect(since(0)).toMatchObject({ kind: 'stale' });
    expect(since(1)).toMatchObject({ since: '2026-01-12T00:00:00Z', nextBetterDay: '2026-01-22' });
    expect(since(1.5)).toMatchObject({ since: '2026-01-12T12:00:00Z', nextBetterDay: '2026-01-23' });
    // As of that day it is.
    expect(
      first({ rulesKnownSince: 1, asOf: 11, interfaces: [`eni-a vpc-1/subnet-1 sg-web ${'a'.repeat(11)}`] }),
    ).toMatchObject({
      kind: 'stale',
    });
  });

  test('days that its own group was watched, and not those of others; of a group on no interface, days there are', () => {
    const days = 'a'.repeat(30);
    const world: World = {
      groups: ['sg-web vpc-1', 'sg-none vpc-1'],
      interfaces: [`eni-a vpc-1/subnet-1 sg-web ${days.replace('aa', 'as')}`, `eni-b vpc-1/subnet-1 sg-other ${days}`],
      windowDays: 60,
      asOf: 30,
    };
    expect(first(world)).toMatchObject({
      kind: 'stale',
      provisional: { watchedDays: 29, nextBetterDay: '2026-02-11' },
    });
    expect(first({ ...world, rules: ['r1 sg-none in tcp 22 10.0.0.0/8'] })).toMatchObject({
      kind: 'unattached',
      provisional: { watchedDays: 30, nextBetterDay: '2026-03-09' },
    });
  });
});
