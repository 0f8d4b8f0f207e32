import { describe, expect, test } from '@jest/globals';
import { judgedHistory, verdictIn, type History } from './history.ts';
import { QUIET } from './world.ts';

type Row = [says: string, why: string, history: History];
const check = (says: string, _why: string, history: History): void => {
  expect(verdictIn(history)).toBe(says);
};

const LONG_AGO = -50;
const SSH = 'sg-web in tcp 22 10.0.0.0/8';
const TELNET = 'sg-web in tcp 23 10.0.0.0/8';
const rules = (...texts: string[]) => ({ rules: texts });
/** A history of one snapshot. */
const since = (at: number, more: Partial<History> = {}): History => ({ snapshots: [{ at }], ...more });
const USED = 'used=4 sole=4 reply=4';

describe('age: the first snapshot', () => {
  test.each<Row>([
    ['stale', 'long before the window', since(LONG_AGO)],
    [
      'stale provisional 9/10 2026-01-22',
      'at the first second of the window: of what stood before, a day is assumed',
      since(0),
    ],
    ['stale', 'an hour before it', since(-0.05)],
    ['stale provisional 9/10 2026-01-22', 'a little later: the day before it is assumed', since(0.01)],
    ['stale provisional 5/10 2026-01-26', 'at noon of day 5', since(4.5)],
    ['notObserved notWatched 0/0 incomplete', 'on the last day: no day rests on it', since(9.5)],
    [
      'notObserved notWatched 0/0 incomplete',
      'late: whoever vouches for the rules vouches for no interface',
      since(9.5, { rulesKnownSince: LONG_AGO }),
    ],
    ['stale', 'early; what is vouched for adds nothing', since(LONG_AGO, { rulesKnownSince: 5 })],
    ['active', 'late: use is use', since(9.5, { use: [`r1 3 ${USED}`] })],
    [
      'notObserved notWatched 9/10 incomplete',
      'early, and of a day nobody knows what stood',
      since(LONG_AGO, { assumed: [4] }),
    ],
    [
      'notObserved notWatched 9/10 missing',
      'early, and a day of the history is missing',
      since(LONG_AGO, { missing: [4] }),
    ],
  ])('%s: %s', check);
});

describe('days without a look at the account', () => {
  const long = (outdated: readonly number[], more: Partial<History> = {}): History => {
    const interfaces = [`eni-a vpc-1/subnet-1 sg-web ${'a'.repeat(90)}`];
    return since(-100, { asOf: 90, windowDays: 90, interfaces, outdated, ...more });
  };
  const days = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);
  test.each<Row>([
    ['notObserved notWatched 9/10 snapshotMissing', 'one of ten', since(LONG_AGO, { outdated: [4] })],
    ['notObserved notWatched 0/10 snapshotMissing', 'all', since(LONG_AGO, { outdated: days(1, 10) })],
    ['active', 'used on one', since(LONG_AGO, { outdated: [4], use: [`r1 4 ${USED}`] })],
    [
      'notObserved onlyPossibleUse 2',
      'perhaps used on one',
      since(LONG_AGO, { outdated: [4], use: ['r1 4 possible=2'] }),
    ],
    ['stale', 'four of ninety', long(days(40, 43))],
    [
      'notObserved notWatched 85/90 snapshotMissing eni-a',
      'five of ninety, though 28 were watched',
      long(days(40, 44)),
    ],
    ['notObserved notWatched 69/90 snapshotMissing eni-a', 'the last three weeks', long(days(70, 90))],
    ['notObserved notWatched 69/90 snapshotMissing eni-a', 'the first three weeks', long(days(1, 21))],
    [
      'notObserved notWatched 9/10 snapshotMissing',
      'of a group on no interface nobody knows where it was',
      since(LONG_AGO, {
        outdated: [4],
        groups: ['sg-web vpc-1', 'sg-db vpc-1'],
        ...rules('r1 sg-db in tcp 22 10.0.0.0/8'),
      }),
    ],
    [
      'unattached',
      'the same, looked at every day',
      since(LONG_AGO, { groups: ['sg-web vpc-1', 'sg-db vpc-1'], ...rules('r1 sg-db in tcp 22 10.0.0.0/8') }),
    ],
    [
      'notObserved notWatched 68/90 snapshotMissing',
      'the same for three weeks of ninety, though 28 were heard',
      long(days(3, 24), {
        groups: ['sg-web vpc-1', 'sg-db vpc-1'],
        ...rules('r1 sg-db in tcp 22 10.0.0.0/8'),
      }),
    ],
  ])('%s: %s', check);

  const kept = (proof: number): History =>
    long([40], {
      interfaces: [...long([]).interfaces!, `eni-b vpc-1/subnet-1 sg-db ${'a'.repeat(90)}`],
      groups: ['sg-web vpc-1', 'sg-db vpc-1'],
      use: ['r1 30 used=4 reply=4'],
      sets: ['30 r1,r2 sg-web proven', `${String(proof)} r2 sg-web proven`],
      ...rules(`r1 ${SSH}`, 'r2 sg-web in tcp 0-65535 sg-db'),
    });
  test.each<Row>([
    ['redundant by r2', 'a rule for a group that was seen to work takes over', kept(39)],
    ['active', 'not where it was seen on such a day alone: who admitted that is not known', kept(40)],
  ])('%s: %s', check);

  /** One machine had the group until the second day, another has it since the twenty-sixth; the application is there all the time. */
  const handedOn = (outdated: readonly number[]): History => {
    const app = `eni-a vpc-1/subnet-1 sg-web ${'a'.repeat(90)}`;
    const [before, after] = [
      `eni-b vpc-1/subnet-1 sg-ops aa${'.'.repeat(88)}`,
      `eni-c vpc-1/subnet-1 sg-ops ${'.'.repeat(25)}${'a'.repeat(65)}`,
    ];
    return {
      snapshots: [
        { at: -100, interfaces: [app, before] },
        { at: 1.5, interfaces: [app] },
        { at: 25.5, interfaces: [app, after] },
      ],
      asOf: 90,
      windowDays: 90,
      groups: ['sg-web vpc-1', 'sg-ops vpc-1'],
      interfaces: [app, before, after],
      outdated,
      ...rules('r1 sg-ops in tcp 22 10.0.0.0/8'),
    };
  };
  test.each<Row>([
    ['stale', 'looked at every day, nothing carried it meanwhile', handedOn([])],
    ['stale', 'four of ninety on which it was on nothing when it was last looked at', handedOn(days(3, 6))],
    [
      'notObserved notWatched 67/90 snapshotMissing',
      'three weeks, in which the application may have carried it',
      handedOn(days(3, 24)),
    ],
  ])('of a group that was handed on: %s: %s', check);
});

test.each([
  ['fl-1', 'fl-2'],
  ['fl-2', 'fl-1'],
])('of two flow logs that both lack something, the same is told, whichever was read first: %s', (damaged, cut) => {
  const days = Array.from({ length: 10 }, (_, i) => String(i + 1));
  const both = since(LONG_AGO, {
    flowLogs: ['fl-1 vpc-1 ALL -100', 'fl-2 vpc-1 ALL -100'],
    told: ['eni-a fl-1'],
    logs: days.flatMap((day) => [`${damaged} ${day} hours=24 lines=100 malformed=50`, `${cut} ${day} hours=3`]),
  });
  expect(verdictIn(both)).toBe('notObserved notWatched 0/10 malformed');
});

describe('a rule is its content', () => {
  const edited = (at: number, more: Partial<History> = {}): History => ({
    snapshots: [
      { at: LONG_AGO, ...rules(`r1 ${SSH}`) },
      { at, ...rules(`r1 ${TELNET}`) },
    ],
    ...more,
  });
  const recreated = (at: number, more: Partial<History> = {}): History => ({
    snapshots: [
      { at: LONG_AGO, ...rules(`r1 ${SSH}`) },
      { at, ...rules(`r9 ${SSH}`) },
    ],
    asked: 'r9',
    ...more,
  });
  test.each<Row>([
    ['stale', 'edited in place before the window', edited(-1)],
    ['tooYoung rule since 2026-01-14T12:00:00Z', 'edited in place inside it', edited(3.5)],
    [
      'tooYoung rule since 2026-01-14T12:00:00Z',
      'vouched for: snapshots know better',
      edited(3.5, { rulesKnownSince: -90 }),
    ],
    [
      'tooYoung rule since 2026-01-14T12:00:00Z',
      'use of what it said before',
      edited(3.5, { use: [`r1~0 3 ${USED}`] }),
    ],
    [
      'tooYoung rule since 2026-01-14T12:00:00Z',
      'the same on the day of the edit',
      edited(3.5, { use: [`r1~0 4 ${USED}`] }),
    ],
    ['active', 'use of what it says now, on the day of the edit', edited(3.5, { use: [`r1 4 ${USED}`] })],
    ['stale', 'used as it was, and edited before the window', edited(-1, { use: [`r1~0 -1 ${USED}`], firstDay: -3 })],
    [
      'stale',
      'edited and back again: the content has its age',
      { snapshots: [...edited(3).snapshots, { at: 5, ...rules(`r1 ${SSH}`) }] },
    ],
    [
      'active',
      'edited and back again: and its use',
      { snapshots: [...edited(3).snapshots, { at: 5, ...rules(`r1 ${SSH}`) }], use: [`r1~0 2 ${USED}`] },
    ],
    ['stale', 'made again under another id: it keeps its age', recreated(3.5)],
    ['active', 'and its use', recreated(3.5, { use: [`r1~0 2 ${USED}`] })],
    ['active', 'used under the former id on the day itself', recreated(3.5, { use: [`r1~0 4 ${USED}`] })],
    [
      'active unanswered',
      'used under both ids on one day: the sum of them',
      recreated(3.5, { use: ['r1~0 4 used=1', 'r9 4 used=1'] }),
    ],
    [
      'tooYoung rule since 2026-01-14T12:00:00Z',
      'a rule that was not there before',
      {
        snapshots: [
          { at: LONG_AGO, ...rules(`r1 ${SSH}`) },
          { at: 3.5, ...rules(`r1 ${SSH}`, `r2 ${TELNET}`) },
        ],
        asked: 'r2',
      },
    ],
    [
      'tooYoung rule since 2026-01-21T00:00:00Z',
      'a rule that only the newest snapshot shows, taken after all days',
      {
        snapshots: [
          { at: LONG_AGO, ...rules(`r1 ${SSH}`) },
          { at: 30, ...rules(`r1 ${SSH}`, `r2 ${TELNET}`) },
        ],
        asked: 'r2',
      },
    ],
  ])('%s: %s', check);

  test('what both ids carried on one day is one sum', () => {
    const history = recreated(3.5, { use: ['r1~0 4 used=1 reply=2', 'r9 4 used=5'] });
    const [judged] = judgedHistory(history);
    expect([judged!.use.usedTimes, judged!.use.replyTimes, [...judged!.days!]]).toEqual([
      6,
      2,
      [[expect.any(Number), { usedTimes: 6, replyTimes: 2, possibleTimes: 0, bytes: 0 }]],
    ]);
  });
});

describe('interfaces that come and go', () => {
  const other = 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa';
  const carried = (letters: string, ...snapshots: [at: number, ...interfaces: string[]][]): History => ({
    interfaces: [`eni-a vpc-1/subnet-1 sg-web ${letters}`, other],
    snapshots: snapshots.map(([at, ...interfaces]) => ({ at, interfaces: [...interfaces, other] })),
  });
  const [eniA, eniC] = ['eni-a vpc-1/subnet-1 sg-web', 'eni-c vpc-1/subnet-1 sg-web'];
  test.each<Row>([
    ['unattached', 'on no interface in any snapshot of the window', carried('', [LONG_AGO])],
    [
      'notObserved notWatched 1/10 notCarried',
      'on one, for a quarter of an hour',
      carried('', [LONG_AGO], [6.5, eniA], [6.51]),
    ],
    [
      'notObserved notWatched 5/10 notCarried',
      'on one that is gone since day 5',
      carried('aaaaa.....', [LONG_AGO, eniA], [4.5]),
    ],
    [
      'tooYoung interface since 2026-01-20T00:00:00Z',
      'on one, since the last day',
      carried('.........a', [LONG_AGO], [9.5, eniA]),
    ],
    [
      'notObserved notWatched 0/10 notCarried',
      'on one, after the last day that was read',
      carried('', [LONG_AGO], [11.9, eniA]),
    ],
    ['notObserved notWatched 0/10 notCarried', 'on two since midnight', carried('', [LONG_AGO], [10.1, eniA, eniC])],
    [
      'notObserved notWatched 0/10 notCarried',
      'on one that came after midnight and is gone',
      carried('', [LONG_AGO], [10.1, eniA], [10.2]),
    ],
    ['unattached', 'on one until the window began', { ...carried('', [LONG_AGO, eniA], [-1]), firstDay: -5 }],
    [
      'unattached',
      'on one for a day, long after the moment asked of',
      { ...carried('', [LONG_AGO], [13, eniA], [14]), lastDay: 20 },
    ],
    [
      'notObserved notWatched 1/10 notCarried',
      'on one in the first hour of the window',
      carried('', [LONG_AGO, eniA], [0.05]),
    ],
    [
      'unattached referred',
      'a rule of another group named it for an hour',
      {
        ...carried('', [LONG_AGO]),
        snapshots: [
          { at: LONG_AGO, interfaces: [other] },
          { at: 5.5, interfaces: [other], ...rules(...QUIET.rules, 'r2 sg-db in tcp 1-2 sg-web') },
          { at: 5.6, interfaces: [other] },
        ],
      },
    ],
  ])('%s: %s', check);

  const bare = (letters: string, ...snapshots: [at: number, ...interfaces: string[]][]): History => ({
    ...carried(letters, ...snapshots),
    flowLogs: 'no list',
  });
  test.each<Row>([
    [
      'notObserved notWatched 5/10 notCarried',
      'five days observed, on the five days it carried the group',
      bare('aaaaa.....', [LONG_AGO, eniA], [4.98]),
    ],
    ['notObserved notWatched 5/10 notCarried', 'carried it into day 6', bare('aaaaa.....', [LONG_AGO, eniA], [5.02])],
    [
      'notObserved notWatched 1/10 notCarried',
      'carried it on three days, observed on one of them',
      bare('...a......', [LONG_AGO], [3, eniA], [5.98]),
    ],
    [
      'notObserved notWatched 0/10 notCovered',
      'one that was never told of, beside one that was',
      {
        ...bare('aaaaaa....', [LONG_AGO, eniA, 'eni-c vpc-1/subnet-1 sg-web'], [4.98]),
        missing: [3, 9],
      },
    ],
    [
      'notObserved notWatched 2/10 notCarried',
      'carried it on two days, and of its VPC nothing was heard on two others',
      {
        ...bare('aa........', [LONG_AGO, eniA], [1.98]),
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aa', 'eni-b vpc-1/subnet-1 sg-db aaaaaa..aa'],
      },
    ],
  ])('%s: %s', check);

  test.each<Row>([
    [
      'notObserved notWatched 5/10 notCarried',
      'data skipped while it carried the group',
      { ...carried('aaaaa.....', [LONG_AGO, eniA], [5]), more: ['eni-a 3 skipData=50'] },
    ],
    [
      'notObserved notWatched 6/10 notCarried',
      'data skipped when it no longer did',
      { ...carried('aaaaa.....', [LONG_AGO, eniA], [5]), more: ['eni-a 8 skipData=50'] },
    ],
    [
      'notObserved sharedGroup vpc-2',
      'associated with a silent VPC until day 5',
      {
        snapshots: [
          { at: LONG_AGO, associations: ['sg-web vpc-2 associated'] },
          { at: 5, associations: ['sg-web vpc-2 disassociated'] },
        ],
      },
    ],
    [
      'notObserved neverLogged network load balancer to its targets',
      'carried by a load balancer until day 5',
      {
        snapshots: [
          {
            at: LONG_AGO,
            ...rules('r1 sg-web out tcp 80 10.0.0.0/8'),
            interfaces: ['eni-a vpc-1/subnet-1 sg-web - network_load_balancer'],
          },
          { at: 5, ...rules('r1 sg-web out tcp 80 10.0.0.0/8') },
        ],
      },
    ],
    [
      'stale',
      'the flow log failed for an hour of day 4, and for one of day 7, and told all the same',
      {
        snapshots: [
          { at: LONG_AGO },
          ...[3.5, 6.5].flatMap((at) => [{ at, flowLogs: ['fl-1 vpc-1 ALL -100 inactive'] }, { at: at + 0.04 }]),
        ],
      },
    ],
  ])('%s: %s', check);
});

describe('each interface on its own days', () => {
  const all = 'a'.repeat(40);
  const web = `eni-a vpc-1/subnet-1 sg-web ${all}`;
  const other = `eni-z vpc-1/subnet-9 sg-db ${all}`;
  const late = 'eni-b vpc-1/subnet-1 sg-web 30:aaaa interface 30';
  const forty: Pick<History, 'asOf' | 'windowDays'> = { asOf: 40, windowDays: 40 };
  test.each<Row>([
    ['stale', 'of 40 two are missing', since(LONG_AGO, { ...forty, interfaces: [web, other], missing: [37, 38] })],
    [
      'notObserved notWatched 36/40 missing eni-a',
      'the last four are missing, and it still stands',
      since(LONG_AGO, { ...forty, interfaces: [web, other], missing: [37, 38, 39, 40] }),
    ],
    [
      'stale',
      'two are missing, after one that is gone',
      {
        ...forty,
        interfaces: [web, other, late],
        missing: [37, 38],
        snapshots: [{ at: LONG_AGO }, { at: 34.5, interfaces: [web, other] }],
      },
    ],
    [
      'tooYoung interface since 2026-01-18T00:00:00Z',
      'what was told of it on a day that is assumed makes it no older',
      since(3.5, {
        rulesKnownSince: LONG_AGO,
        interfaces: ['eni-a vpc-1/subnet-1 sg-web a......aaa', 'eni-z vpc-1/subnet-9 sg-db aaaaaaaaaa'],
      }),
    ],
    [
      'notObserved notWatched 2/10 notCarried',
      'attached on day 8, and a day since is not whole: more than age is missing',
      since(LONG_AGO, {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web .......aaa interface 8', 'eni-z vpc-1/subnet-9 sg-db aaaaaaaaaa'],
        incomplete: [10],
      }),
    ],
  ])('%s: %s', check);
});

describe('two sources say something of a day', () => {
  test.each<Row>([
    ['active', 'use that was streamed alone', since(LONG_AGO, { other: { use: [`r1 3 ${USED}`] } })],
    [
      'notObserved onlyPossibleUse 2',
      'possible use that was streamed alone',
      since(LONG_AGO, { other: { use: ['r1 3 possible=2'] } }),
    ],
    [
      'notObserved onlyPossibleUse 5',
      'the larger one of each day',
      since(LONG_AGO, {
        use: ['r1 3 possible=3', 'r1 4 possible=1'],
        other: { use: ['r1 3 possible=1', 'r1 4 possible=2'] },
      }),
    ],
    [
      'notObserved onlySetAside 7',
      'set aside in the stream alone',
      since(LONG_AGO, { other: { use: ['r1 3 setAside=7'] } }),
    ],
    [
      'active',
      'answered as the other has it',
      since(LONG_AGO, { use: ['r1 3 used=1'], other: { use: ['r1 3 reply=1'] } }),
    ],
    [
      'stale',
      'use that was streamed before the window',
      since(LONG_AGO, { other: { use: [`r1 0 ${USED}`] }, firstDay: 0 }),
    ],
  ])('%s: %s', check);

  test('the figures shown are those of the source that speaks', () => {
    const [judged] = judgedHistory(
      since(LONG_AGO, { use: ['r1 3 used=2'], other: { use: ['r1 3 used=9', 'r1 4 used=7'] } }),
    );
    expect(judged!.use.usedTimes).toBe(2);
    expect([...judged!.days!].map(([, { usedTimes }]) => usedTimes)).toEqual([2]);
  });
});

describe('last uses that are known besides', () => {
  const edit = {
    snapshots: [
      { at: LONG_AGO, ...rules(`r1 ${SSH}`) },
      { at: -2, ...rules(`r1 ${TELNET}`) },
    ],
  };
  test.each<Row>([
    ['active', 'in the window', since(LONG_AGO, { lastUses: ['r1 3.5 used'] })],
    ['active', 'by its content alone', since(LONG_AGO, { lastUses: ['r1@ 3.5 used'] })],
    ['active', 'in its first second', since(LONG_AGO, { lastUses: ['r1 0 used'] })],
    ['stale', 'a second before', since(LONG_AGO, { lastUses: [`r1 ${-1 / 86_400} used`] })],
    [
      'active',
      'after it: what was last in the window is not known any more',
      since(LONG_AGO, { lastUses: ['r1 40 used'] }),
    ],
    ['notObserved onlyPossibleUse 1', 'possible use', since(LONG_AGO, { lastUses: ['r1 3.5 possible'] })],
    [
      'notObserved onlyPossibleUse 3',
      'possible use that was counted too',
      since(LONG_AGO, { lastUses: ['r1 3.5 possible'], use: ['r1 4 possible=3'] }),
    ],
    ['stale', 'of what it said before it was edited', { ...edit, lastUses: ['r1~0 3.5 used'] }],
    ['active', 'of what it says now', { ...edit, lastUses: ['r1~1 3.5 used'] }],
    [
      'active',
      'of the same content under a former id',
      {
        snapshots: [
          { at: LONG_AGO, ...rules(`r9 ${SSH}`) },
          { at: -2, ...rules(`r1 ${SSH}`) },
        ],
        lastUses: ['r9~0 3.5 used'],
      },
    ],
    ['stale', 'of nothing: they never make a rule less used', since(LONG_AGO, { lastUses: ['r1 -40 used'] })],
    [
      'active',
      'an old one, beside use in the window',
      since(LONG_AGO, { lastUses: ['r1 -40 used'], use: [`r1 3 ${USED}`] }),
    ],
  ])('%s: %s', check);
});

test('a rule went quiet, but not where it may have been used since', () => {
  const use = [1, 2, 3, 4, 5, 6, 7].map((day) => `r1 ${day} used=1 sole=1 reply=1`);
  const quietDays = (lastUses: string[]): number | undefined =>
    judgedHistory(since(LONG_AGO, { use, lastUses }))[0]!.quiet?.quietDays;
  expect([[], ['r1 6.5 possible'], ['r1 8.5 possible'], ['r1 8.5 used']].map(quietDays)).toEqual([
    3,
    3,
    undefined,
    undefined,
  ]);
});

describe('redundant: where the other rule still stands', () => {
  const WIDE = 'r2 sg-web in tcp 1-100 10.0.0.0/8';
  const DB = 'r2 sg-db in tcp 1-100 10.0.0.0/8';
  const both = 'eni-a vpc-1/subnet-1 sg-db,sg-web';
  const alone = 'eni-a vpc-1/subnet-1 sg-web';
  const seen = { use: ['r1 3 used=4 reply=4'], sets: ['3 r1,r2'] };
  const acrossGroups = (...snapshots: [at: number, ...interfaces: string[]][]): History => ({
    ...seen,
    interfaces: [`${both} aaaaaaaaaa`, 'eni-z vpc-1/subnet-1 sg-z aaaaaaaaaa'],
    sets: ['3 r1,r2 sg-db,sg-web'],
    snapshots: snapshots.map(([at, ...interfaces]) => {
      return { at, ...rules(`r1 ${SSH}`, DB), interfaces: [...interfaces, 'eni-z vpc-1/subnet-1 sg-z'] };
    }),
  });
  test.each<Row>([
    ['redundant by r2', 'in the same group', { ...seen, snapshots: [{ at: LONG_AGO, ...rules(`r1 ${SSH}`, WIDE) }] }],
    [
      'redundant by r9',
      'made again under another id',
      {
        ...seen,
        snapshots: [
          { at: LONG_AGO, ...rules(`r1 ${SSH}`, WIDE) },
          { at: 6, ...rules(`r1 ${SSH}`, WIDE.replace('r2', 'r9')) },
        ],
      },
    ],
    [
      'active',
      'edited in place since',
      {
        ...seen,
        snapshots: [
          { at: LONG_AGO, ...rules(`r1 ${SSH}`, WIDE) },
          { at: 6, ...rules(`r1 ${SSH}`, 'r2 sg-web in tcp 1-100 10.0.0.0/9') },
        ],
      },
    ],
    [
      'active',
      'gone since',
      {
        ...seen,
        snapshots: [
          { at: LONG_AGO, ...rules(`r1 ${SSH}`, WIDE) },
          { at: 6, ...rules(`r1 ${SSH}`) },
        ],
      },
    ],
    ['redundant by r2', 'of another group, on the same interface', acrossGroups([LONG_AGO, both])],
    ['active', 'its group was taken off the interface', acrossGroups([LONG_AGO, both], [6, alone])],
    [
      'active',
      'its group was taken off one of two interfaces',
      acrossGroups(
        [LONG_AGO, both, 'eni-b vpc-1/subnet-1 sg-db,sg-web'],
        [6, alone, 'eni-b vpc-1/subnet-1 sg-db,sg-web'],
      ),
    ],
    [
      'active',
      'the interface was replaced by one without it',
      acrossGroups([LONG_AGO, both], [6, 'eni-new vpc-1/subnet-1 sg-web']),
    ],
    [
      'active',
      'a replacement without it runs beside the interface',
      acrossGroups([LONG_AGO, both], [6, both, 'eni-new vpc-1/subnet-1 sg-web']),
    ],
    [
      'redundant by r2',
      'replaced by one with both groups',
      acrossGroups([LONG_AGO, both], [6, 'eni-new vpc-1/subnet-1 sg-db,sg-web']),
    ],
    [
      'redundant by r2',
      'interfaces without it were there all the time, and were seen to need nothing of the rule',
      acrossGroups([LONG_AGO, both, 'eni-c vpc-1/subnet-1 sg-web']),
    ],
    [
      'active',
      'the interface is gone: nobody knows with which groups it comes back',
      acrossGroups([LONG_AGO, both], [6]),
    ],
    [
      'active',
      'the other source saw it alone once',
      { ...seen, snapshots: [{ at: LONG_AGO, ...rules(`r1 ${SSH}`, WIDE) }], other: { use: ['r1 3 used=1 sole=1'] } },
    ],
    [
      'active',
      'the other source saw it in a set of its own',
      { ...seen, snapshots: [{ at: LONG_AGO, ...rules(`r1 ${SSH}`, WIDE) }], other: { sets: ['3 r1'] } },
    ],
    [
      'active',
      'the other source saw possible use besides',
      { ...seen, snapshots: [{ at: LONG_AGO, ...rules(`r1 ${SSH}`, WIDE) }], other: { use: ['r1 4 possible=1'] } },
    ],
    [
      'active',
      'too young to have shown what it does',
      {
        ...seen,
        snapshots: [{ at: LONG_AGO }, { at: 2.5, ...rules(`r1 ${SSH}`, WIDE) }],
        rules: rules(`r1 ${TELNET}`).rules,
      },
    ],
  ])('%s: %s', check);
});

describe('redundant: what the other rule was in the window', () => {
  const use = { use: ['r1 3 used=4 reply=4', 'r2 3 used=9 sole=5 reply=9'] };
  const list = (at: number, ...cidrs: string[]) => ({ at, lists: [`pl-1 ${cidrs.join(',')}`] });
  const byList = rules(`r1 ${SSH}`, 'r2 sg-web in tcp 22 pl-1');
  const byGroup = rules(`r1 ${SSH}`, `r2 ${SSH.replace('sg-web', 'sg-db')}`);
  const bare = 'eni-b vpc-1/subnet-1 sg-web aaaaaaaaaa';
  const on = (groups: string): string[] => [`eni-a vpc-1/subnet-1 ${groups} aaaaaaaaaa`, bare];
  test.each<Row>([
    [
      'redundant by r2',
      'a list that stood all the time',
      { ...byList, ...use, sets: ['3 r1,r2', '3 r2'], snapshots: [list(LONG_AGO, '10.0.0.0/9', '10.128.0.0/9')] },
    ],
    [
      'active',
      'a list of which an entry came in the window',
      {
        ...byList,
        ...use,
        sets: ['3 r1,r2', '3 r2'],
        snapshots: [list(LONG_AGO, '10.0.0.0/9'), list(4.5, '10.0.0.0/9', '10.128.0.0/9')],
      },
    ],
    [
      'redundant by r2',
      'of a group that is where the flows were',
      {
        ...byGroup,
        ...use,
        sets: ['3 r1,r2 sg-db,sg-web'],
        snapshots: [{ at: LONG_AGO, interfaces: on('sg-db,sg-web') }],
      },
    ],
    [
      'active',
      'of a group that was taken off, as it was never on others',
      {
        ...byGroup,
        ...use,
        sets: ['3 r1,r2 sg-db,sg-web'],
        snapshots: [
          { at: LONG_AGO, interfaces: on('sg-db,sg-web') },
          { at: 4.5, interfaces: on('sg-web') },
        ],
      },
    ],
  ])('%s: %s', check);
});

describe('what of a rule is younger than the window', () => {
  const other = 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa';
  const web = 'eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa';
  const TO_LIST = { rules: ['r1 sg-web in tcp 22 pl-1'], lists: ['pl-1 10.1.0.0/16,10.2.0.0/16'] };
  const listed = (at: number, before: string): History => ({
    ...TO_LIST,
    snapshots: [{ at: LONG_AGO, lists: [before] }, { at }],
  });
  const named = (at: number, ...before: string[]): History => ({
    interfaces: [web, other],
    rules: ['r1 sg-web in tcp 22 sg-db'],
    snapshots: [{ at: LONG_AGO, interfaces: [web, ...before] }, { at }],
  });
  test.each<Row>([
    ['tooYoung listEntry since 2026-01-15T00:00:00Z', 'an entry came', listed(4, 'pl-1 10.1.0.0/16')],
    ['stale', 'an entry came before the window', listed(-3, 'pl-1 10.1.0.0/16')],
    ['stale', 'an entry went', listed(4, 'pl-1 10.1.0.0/16,10.2.0.0/16,10.3.0.0/16')],
    ['tooYoung member since 2026-01-15T00:00:00Z', 'its peer came onto an interface', named(4)],
    ['stale', 'and did before the window', named(-3)],
    ['stale', 'another one came', named(4, 'eni-c vpc-1/subnet-1 sg-db - interface -20')],
    [
      'tooYoung interface since 2026-01-15T00:00:00Z',
      'its own group came onto its first one, and was watched since',
      { interfaces: [web, other], snapshots: [{ at: LONG_AGO, interfaces: [other] }, { at: 4 }] },
    ],
    [
      'notObserved notWatched 5/10 notCarried',
      'and was not watched since',
      {
        interfaces: [web, other],
        more: ['eni-a 7 skipData=1'],
        snapshots: [{ at: LONG_AGO, interfaces: [other] }, { at: 4 }],
      },
    ],
    [
      'tooYoung interface since 2026-01-16T12:00:00Z',
      'the youngest of all is told',
      {
        interfaces: [`${web} interface 6.5`, other],
        rules: [`r1 ${TELNET}`],
        snapshots: [
          { at: LONG_AGO, interfaces: [other], ...rules(`r1 ${SSH}`) },
          { at: 4, interfaces: [other] },
          { at: 5.5 },
        ],
      },
    ],
  ])('%s: %s', check);
});

describe('a deployment', () => {
  test.each<[says: string, why: string, history: History]>([
    [
      'notObserved notWatched 9/9 tooFewDays',
      'has fewer days than it wants, while the window grows',
      { ...since(LONG_AGO), logs: ['- 1 hours=5'], leastDays: 10 },
    ],
    [
      'stale provisional 9/10 2026-01-22',
      'has as many as it wants',
      { ...since(LONG_AGO), logs: ['- 1 hours=5'], leastDays: 9 },
    ],
    ['stale', 'has fewer, but the window is whole', { ...since(LONG_AGO), leastDays: 14 }],
    ['notObserved notWatched 9/10 incomplete', 'a day is not settled', { ...since(LONG_AGO), incomplete: [4] }],
    [
      'active',
      'use of a day that is not settled is use',
      { ...since(LONG_AGO), incomplete: [4], use: [`r1 4 ${USED}`] },
    ],
  ])('%s: %s', check);
});
