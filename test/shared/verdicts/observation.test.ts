import { describe, expect, test } from '@jest/globals';
import { ENOUGH_DAYS, MIN_OBSERVED_SHARE } from '../../../shared/verdicts/growing-window.ts';
import { dayOf } from '../../../shared/time.ts';
import { judged, QUIET, secondsOf, verdictOf, type World } from './world.ts';

type Row = [says: string, why: string, world: World];
const check = (says: string, _why: string, world: World): void => {
  expect(verdictOf(world)).toBe(says);
};

const ALL = 'aaaaaaaaaa';
const LOG = 'fl-1 vpc-1 ALL -100';
/** Two interfaces of the group, each with a flow log of its own. */
const twins = (a: string, b: string, more: World = {}): World => ({
  interfaces: [`eni-a vpc-1/subnet-1 sg-web ${a}`, `eni-b vpc-1/subnet-2 sg-web ${b}`],
  flowLogs: ['fl-1 eni-a ALL -100', 'fl-2 eni-b ALL -100'],
  told: ['eni-a fl-1', 'eni-b fl-2'],
  ...more,
});
/** A window of 40 days; letters for each of them. */
const long = (letters: string, more: World = {}): World => ({
  asOf: 40,
  windowDays: 40,
  interfaces: [`eni-a vpc-1/subnet-1 sg-web ${letters}`, `eni-b vpc-1/subnet-2 sg-db ${'a'.repeat(40)}`],
  ...more,
});

test('the shares that decide', () => {
  expect([MIN_OBSERVED_SHARE, ENOUGH_DAYS]).toEqual([0.95, 28]);
});

describe('a day is watched if every interface of the group was observed', () => {
  test.each<Row>([
    ['stale ageUnknown', 'all days of both', twins(ALL, ALL)],
    ['notObserved notWatched 9/10 hoursMissing', 'a day of one of them is missing', twins(ALL, 'aaaa.aaaaa')],
    ['notObserved notWatched 8/10 hoursMissing', 'one day of each', twins('.aaaaaaaaa', 'a.aaaaaaaa')],
    ['notObserved notWatched 0/10 hoursMissing', 'one of two interfaces', twins(ALL, '..........')],
    [
      'stale ageUnknown',
      'an interface of another group does not count',
      twins(ALL, ALL, {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-1/subnet-2 sg-db ..........'],
      }),
    ],
    [
      'notObserved notWatched 0/10 hoursMissing',
      'an interface of several groups counts for each',
      twins(ALL, ALL, {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-1/subnet-2 sg-db,sg-web ..........'],
      }),
    ],
    [
      'notObserved notWatched 9/10 missing',
      'of a day in between nothing was read',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaa.aaaaa'] },
    ],
  ])('%s: %s', check);
});

test('the days that were not watched are told as stretches, with the others they are the whole window', () => {
  const first = dayOf(secondsOf(0));
  const gapsOf = (world: World): string =>
    judged(world)[0]!
      .evidence.gaps.map(({ firstDay, lastDay }) => `${String(firstDay - first)}-${String(lastDay - first)}`)
      .join(' ');
  expect(gapsOf(twins(ALL, ALL))).toBe('');
  expect(gapsOf(twins(ALL, 'aaaa..aaa.'))).toBe('4-5 9-9');
  expect(gapsOf(twins('.aaaaaaaaa', 'a.aaaaaaaa'))).toBe('0-1');
  expect(gapsOf({ interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaa.aaaaa'] })).toBe('4-4');
  const whole = judged(long(`a${'s'.repeat(9)}${'a'.repeat(30)}`))[0]!.evidence;
  const gaps = whole.gaps.reduce((sum, { firstDay, lastDay }) => sum + lastDay - firstDay + 1, 0);
  expect(whole.watchedDays + gaps).toBe(40);
});

describe('how many days must be watched: 95 % of those there are, 28 at most', () => {
  const lost = (n: number): string => `a${'s'.repeat(n)}${'a'.repeat(39 - n)}`;
  test.each<Row>([
    ['stale ageUnknown', '38 of 40', long(lost(2))],
    ['notObserved notWatched 37/40 skippedData eni-a', '37: not of its own days', long(lost(3))],
    ['stale ageUnknown', 'one of 20', { ...long('a'.repeat(21) + 's' + 'a'.repeat(18)), windowDays: 20 }],
    [
      'notObserved notWatched 18/20 skippedData',
      'two of 20',
      { ...long('a'.repeat(21) + 'ss' + 'a'.repeat(17)), windowDays: 20 },
    ],
    [
      'stale ageUnknown provisional 28/40 2026-03-02',
      '28, each day of its own',
      long('', { interfaces: [`eni-a vpc-1/subnet-1 sg-web 13:${'a'.repeat(28)}`] }),
    ],
  ])('%s: %s', check);

  // 40 days of a log that was heard, and of one interface of the group that was observed on all that came.
  const beside = (...more: string[]): World => long('', { interfaces: [...long('a'.repeat(40)).interfaces!, ...more] });
  test.each<Row>([
    [
      'notObserved notWatched 39/40 skippedData eni-c',
      'an interface of two days, observed on one',
      beside('eni-c vpc-1/subnet-1 sg-web 39:as interface 39'),
    ],
    [
      'notObserved notWatched 38/40 skippedData eni-d',
      'of two such the one that lost more is named',
      beside('eni-c vpc-1/subnet-1 sg-web 39:as interface 39', 'eni-d vpc-1/subnet-1 sg-web 39:ss interface 39'),
    ],
    [
      'notObserved notWatched 29/40 notCarried eni-c',
      'nor is age all that is missing then',
      long('', {
        rulesKnownSince: -100,
        interfaces: [
          `eni-a vpc-1/subnet-1 sg-web 11:${'a'.repeat(30)} interface 11`,
          `eni-b vpc-1/subnet-2 sg-db ${'a'.repeat(40)}`,
          'eni-c vpc-1/subnet-1 sg-web 39:as interface 39',
        ],
      }),
    ],
  ])('%s: %s', check);

  test('28 are enough where the interfaces that came and went were observed on theirs', () => {
    const come = Array.from({ length: 28 }, (_, i) => `eni-${i} vpc-1/subnet-1 sg-web ${i + 1}:a interface ${i + 1}`);
    const { interfaces } = long('');
    expect(verdictOf(long('', { interfaces: [...come, interfaces![1]!] }))).toBe('stale ageUnknown');
  });
});

describe('which flow log covers', () => {
  // Its records lie in files whose names do not say of which log they are; another one is heard.
  const log = (text: string, more: World = {}): World => ({
    interfaces: ['eni-a vpc-1/subnet-1 sg-web ..........', 'eni-z vpc-1/subnet-9 sg-db aaaaaaaaaa'],
    told: ['eni-z fl-1'],
    flowLogs: [text],
    ...more,
  });
  const idle = 'notObserved idle';
  const none = 'notObserved notWatched 0/10 notCovered';
  test.each<Row>([
    [idle, 'of the VPC', log(LOG)],
    [idle, 'of the subnet', log('fl-1 subnet-1 ALL -100')],
    [idle, 'of the interface', log('fl-1 eni-a ALL -100')],
    [none, 'of another VPC', log('fl-1 vpc-2 ALL -100')],
    [none, 'of another subnet', log('fl-1 subnet-2 ALL -100')],
    [none, 'of another interface', log('fl-1 eni-b ALL -100')],
    [idle, 'of accepted traffic', log('fl-1 vpc-1 ACCEPT -100')],
    [none, 'of rejected traffic: it never shows use', log('fl-1 vpc-1 REJECT -100')],
    [none, 'no longer active, and told of others only', log('fl-1 vpc-1 ALL -100 inactive')],
    [idle, 'made within the hours that may be missing', log('fl-1 vpc-1 ALL 1.08')],
    ['notObserved notWatched 9/10 notCovered', 'made later on the first day', log('fl-1 vpc-1 ALL 1.1')],
    [none, 'made after the window', log('fl-1 vpc-1 ALL 12')],
    [idle, 'of unknown age', log('fl-1 vpc-1 ALL')],
    [
      idle,
      'an old one of the VPC beside a new one of the subnet',
      log(LOG, { flowLogs: ['fl-9 subnet-1 ALL 8', LOG] }),
    ],
    ['notObserved notWatched 0/10 hoursMissing', 'one that was not heard at all', log(LOG, { told: ['eni-z fl-8'] })],
    [idle, 'one of whose interfaces files without a name told', log(LOG, { told: [] })],
  ])('%s: %s', check);
});

describe('a log that told of the interface counts, listed or not', () => {
  test.each<Row>([
    ['stale ageUnknown', 'not listed, and of accepted traffic', { flowLogs: [] }],
    [
      'notObserved idle',
      'listed, though delivery failed, and silent of accepted traffic',
      {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web nnnnnnnnnn', 'eni-b vpc-1/subnet-2 sg-db aaaaaaaaaa'],
        flowLogs: ['fl-1 vpc-1 ALL -100 inactive', 'fl-2 subnet-2 ALL -100'],
        told: ['eni-a fl-1', 'eni-b fl-2'],
      },
    ],
    [
      'stale ageUnknown',
      'of which delivery failed',
      { flowLogs: ['fl-1 vpc-1 ALL -100 inactive'], told: ['eni-a fl-1'] },
    ],
    [
      'notObserved notWatched 0/10 notCovered',
      'listed as one of rejects',
      { flowLogs: ['fl-1 vpc-1 REJECT -100'], told: ['eni-a fl-1'] },
    ],
    [
      'notObserved notWatched 0/10 notCovered',
      'not listed, and silent of accepted traffic: it may be one of rejects',
      {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web rrrrrrrrrr', 'eni-b vpc-1/subnet-2 sg-db aaaaaaaaaa'],
        flowLogs: ['fl-2 subnet-2 ALL -100'],
        told: ['eni-a fl-1', 'eni-b fl-2'],
      },
    ],
  ])('%s: %s', check);
});

describe('the log was heard in 22 of the 24 hours, skipped nothing, and can be read', () => {
  const on5 = (hours: string, more: World = {}): World => ({ logs: [`- 5 ${hours}`], ...more });
  test.each<Row>([
    ['stale ageUnknown', '22 hours', on5('hours=22')],
    ['notObserved notWatched 9/10 hoursMissing', '21 hours', on5('hours=21')],
    ['stale ageUnknown', '1 % of its lines cannot be read', on5('lines=1000 malformed=10')],
    ['notObserved notWatched 9/10 malformed', 'more than 1 %', on5('lines=1000 malformed=11')],
    ['stale ageUnknown', 'of another log', { told: ['eni-a fl-1'], logs: ['fl-9 5 lines=1000 malformed=999 hours=3'] }],
    [
      'stale ageUnknown',
      'of one of two that cover',
      { told: ['eni-a fl-1'], flowLogs: [LOG, 'fl-2 subnet-1 ALL -100'], logs: ['fl-2 5 hours=3'] },
    ],
    [
      'notObserved notWatched 9/10 skippedData',
      'of an interface that was attached anew later, and was there before',
      { interfaces: [...QUIET.interfaces, 'eni-b vpc-1/subnet-1 sg-web aaaaSaaaaa interface 8'] },
    ],
    [
      'notObserved notWatched 9/10 skippedData',
      'SKIPDATA beside records',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaSaaaaa'] },
    ],
    [
      'stale ageUnknown',
      'SKIPDATA of another group’s interface',
      { interfaces: [...QUIET.interfaces, 'eni-b vpc-1/subnet-1 sg-db aaaaSaaaaa'] },
    ],
    ['stale ageUnknown', 'SKIPDATA before the window', { more: ['eni-a 0 skipData=50'] }],
  ])('%s: %s', check);
});

describe('the log was heard in 22 of the 24 hours, by the files that it delivers in each', () => {
  const on5 = (hours: string, more: World = {}): World => ({ logs: [`- 5 ${hours}`], ...more });
  test.each<Row>([
    ['stale ageUnknown', 'all files', on5('slots=12')],
    ['stale ageUnknown', 'one an hour', on5('slots=1')],
    ['notObserved notWatched 9/10 hoursMissing', 'one an hour in 21 hours', on5('hours=21 slots=1')],
    ['stale ageUnknown', 'all files of 22 hours', on5('hours=22 slots=12')],
    ['stale ageUnknown', 'eleven in twelve of most hours: 22 hours and two thirds', on5('slots=11 full=8')],
    ['notObserved notWatched 9/10 hoursMissing', 'nine in twelve of each hour', on5('slots=9')],
    ['notObserved notWatched 9/10 hoursMissing', 'seven in twelve, though all hours are heard', on5('slots=7')],
    ['stale ageUnknown', 'six an hour, every ten minutes', on5('slots=6')],
    [
      'notObserved notWatched 9/10 hoursMissing',
      'one an hour of a log that has all of eight hours',
      on5('slots=1 full=8'),
    ],
    ['stale ageUnknown', 'one an hour, and once many', on5('slots=1 full=7')],
    [
      'notObserved notWatched 9/10 hoursMissing',
      'on the first day, which is not cut: its hours are all heard',
      { logs: ['- 1 slots=9'] },
    ],
    ['notObserved notWatched 9/10 hoursMissing', 'and on the last', { logs: ['- 10 slots=9'] }],
  ])('%s: %s', check);
});

describe('a group that nothing carried: its VPC was heard, or its users may have been missed', () => {
  const alone = (more: World): World => ({
    interfaces: ['eni-a vpc-1/subnet-1 sg-db aaaaaaaaaa'],
    flowLogs: [LOG],
    told: ['eni-a fl-1'],
    ...more,
  });
  test.each<Row>([
    ['unattached ageUnknown', 'all days', alone({})],
    ['notObserved notWatched 9/10 hoursMissing', 'files of a day are missing', alone({ logs: ['fl-1 5 slots=9'] })],
    ['notObserved notWatched 9/10 hoursMissing', 'hours of a day are missing', alone({ logs: ['fl-1 5 hours=20'] })],
    [
      'unattached ageUnknown',
      'on another interface they are not',
      alone({
        interfaces: ['eni-a vpc-1/subnet-1 sg-db aaaaaaaaaa', 'eni-b vpc-1/subnet-2 sg-db aaaaaaaaaa'],
        flowLogs: ['fl-1 eni-a ALL -100', 'fl-2 eni-b ALL -100'],
        told: ['eni-a fl-1', 'eni-b fl-2'],
        logs: ['fl-1 5 slots=9'],
      }),
    ],
    [
      'notObserved notWatched 0/10 notCovered',
      'of a VPC without a flow log one accepted record came by another way',
      alone({
        interfaces: ['eni-a vpc-1/subnet-1 sg-db ..........', 'eni-b vpc-2/subnet-2 sg-db aaaaaaaaaa'],
        flowLogs: ['fl-2 vpc-2 ALL -100'],
        told: ['eni-b fl-2'],
        unknown: ['vpc-1 3 1'],
      }),
    ],
  ])('%s: %s', check);
});

describe('the days there are: a cut first and last day of the files are none', () => {
  test.each<Row>([
    ['stale ageUnknown provisional 9/10 2026-01-22', 'a cut first day', { logs: ['- 1 hours=5'] }],
    [
      'stale ageUnknown',
      'a cut day of twenty: 95 % are whole',
      {
        asOf: 20,
        windowDays: 20,
        interfaces: [`eni-a vpc-1/subnet-1 sg-web ${'a'.repeat(20)}`],
        logs: ['- 1 hours=5'],
      },
    ],
    ['stale ageUnknown provisional 9/10 2026-01-21', 'a cut last day', { logs: ['- 10 hours=5'] }],
    ['notObserved notWatched 8/10 hoursMissing', 'cut days in between', { logs: ['- 2 hours=5', '- 9 hours=5'] }],
    [
      'stale ageUnknown provisional 5/10 2026-01-26',
      'the files begin on day 6',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web .....aaaaa'] },
    ],
    [
      'notObserved notWatched 5/10 missing',
      'the files end with day 5',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaa.....'] },
    ],
    [
      'notObserved notWatched 0/0 incomplete',
      'a cut day is all there is',
      { windowDays: 1, interfaces: ['eni-a vpc-1/subnet-1 sg-web .........a'], logs: ['- 10 hours=5'] },
    ],
    [
      'notObserved notWatched 0/10 noAccepted',
      'the files lie before the window',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web -9:aaaaaaaaaa'] },
    ],
  ])('%s: %s', check);
});

describe('a VPC of which not one accepted record was read is not observed', () => {
  test.each<Row>([
    [
      'notObserved notWatched 10/10 noAccepted',
      'rejects alone',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web rrrrrrrrrr'], flowLogs: 'no list' },
    ],
    [
      'notObserved notWatched 10/10 noAccepted',
      'NODATA alone',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web nnnnnnnnnn'] },
    ],
    [
      'notObserved notWatched 10/10 noAccepted',
      'accepted ones of another VPC',
      {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web nnnnnnnnnn', 'eni-b vpc-2/subnet-2 sg-db aaaaaaaaaa'],
        flowLogs: [LOG, 'fl-2 vpc-2 ALL -100'],
      },
    ],
    [
      'notObserved idle',
      'one accepted record of another interface',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web nnnnnnnnnn', 'eni-b vpc-1/subnet-2 sg-db a.........'] },
    ],
    [
      'notObserved idle',
      'one of an unknown interface of a VPC that nothing tells',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web nnnnnnnnnn'], unknown: ['- 3 1'] },
    ],
    [
      'notObserved idle',
      'one of an unknown interface',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web nnnnnnnnnn'], unknown: ['vpc-1 3 1'] },
    ],
  ])('%s: %s', check);
});

describe('without a list of flow logs: an interface with any record that day', () => {
  const bare = (...interfaces: string[]): World => ({ flowLogs: 'no list', interfaces });
  const other = 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa';
  test.each<Row>([
    ['stale ageUnknown', 'accepted ones', bare('eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa')],
    ['stale ageUnknown', 'NODATA', bare('eni-a vpc-1/subnet-1 sg-web nnnnnnnnna', other)],
    [
      'notObserved notWatched 0/10 notCovered',
      'others do not count for it',
      bare('eni-a vpc-1/subnet-1 sg-web ..........', other),
    ],
    ['stale ageUnknown', 'rejected ones', bare('eni-a vpc-1/subnet-1 sg-web rrrrrrrrra', other)],
    [
      'notObserved notWatched 9/10 notCovered',
      'none on one day',
      bare('eni-a vpc-1/subnet-1 sg-web aaaaa.aaaa', other),
    ],
    [
      'notObserved notWatched 9/10 hoursMissing',
      'and its log was heard all day',
      { ...bare('eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', other), logs: ['- 5 hours=6'] },
    ],
    [
      'stale ageUnknown',
      'from its attachment on',
      bare('eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-c vpc-1/subnet-1 sg-web ........aa interface 9'),
    ],
    [
      'notObserved notWatched 2/10 notCovered',
      'attached at a time that nobody knows: it may have been there all days',
      bare('eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-c vpc-1/subnet-1 sg-web ........aa'),
    ],
    [
      'notObserved notWatched 9/10 notCovered',
      'attached, and silent on a day',
      bare('eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-c vpc-1/subnet-1 sg-web ........a. interface 9'),
    ],
  ])('%s: %s', check);
});

describe('young: the first interface of the group', () => {
  const attached = (...texts: string[]): World => ({
    rulesKnownSince: -100,
    interfaces: [...texts, 'eni-z vpc-1/subnet-1 sg-db aaaaaaaaaa'],
  });
  test.each<Row>([
    [
      'tooYoung interface since 2026-01-18T00:00:00Z',
      'attached on day 8',
      attached('eni-a vpc-1/subnet-1 sg-web .......aaa interface 8'),
    ],
    ['stale', 'attached before the window', attached('eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa interface -5')],
    [
      'stale',
      'a second one attached on day 8',
      attached('eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-1/subnet-1 sg-web .......aaa interface 8'),
    ],
    [
      'tooYoung interface since 2026-01-18T00:00:00Z',
      'first told of on day 8, where nobody says when it was attached',
      attached('eni-a vpc-1/subnet-1 sg-web .......aaa'),
    ],
    [
      'stale',
      'told of before day 4 by records that were set aside',
      {
        ...attached('eni-a vpc-1/subnet-1 sg-web ...aaaaaaa'),
        more: ['eni-a 1 records=0', 'eni-a 2 records=0', 'eni-a 3 records=0'],
      },
    ],
    [
      'notObserved notWatched 2/10 notCarried',
      'attached on day 8, and not observed since',
      attached('eni-a vpc-1/subnet-1 sg-web .......aSa interface 8'),
    ],
    [
      'active',
      'use is use',
      { ...attached('eni-a vpc-1/subnet-1 sg-web .......aaa interface 8'), use: ['r1 9 used=1 sole=1 reply=1'] },
    ],
  ])('%s: %s', check);
});

describe('a peer that is a group', () => {
  const of = (members: string[], more: World = {}): World => ({
    rulesKnownSince: -100,
    rules: ['r1 sg-web in tcp 22 sg-db'],
    interfaces: [...QUIET.interfaces, ...members],
    ...more,
  });
  test.each<Row>([
    ['stale', 'that an interface carries', of(['eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'])],
    ['notObserved peerAbsent sg-db', 'that nothing carries', of([])],
    ['notObserved peerAbsent sg-db', 'that nobody knows', of([], { groups: QUIET.groups })],
    [
      'tooYoung member since 2026-01-18T00:00:00Z',
      'whose first member came on day 8',
      of(['eni-b vpc-1/subnet-1 sg-db .......aaa interface 8']),
    ],
  ])('%s: %s', check);
});

describe('idle: no accepted record of any interface of the group', () => {
  const with_ = (...letters: string[]): World => ({
    interfaces: [
      ...letters.map((some, i) => `eni-${i} vpc-1/subnet-1 sg-web ${some}`),
      'eni-z vpc-1/subnet-1 sg-db aaaaaaaaaa',
    ],
  });
  test.each<Row>([
    ['notObserved idle', 'nothing at all', with_('..........')],
    ['notObserved idle', 'NODATA', with_('nnnnnnnnnn')],
    ['notObserved idle', 'rejects', with_('rrrrrrrrrr')],
    ['stale ageUnknown', 'one accepted record', with_('nnnnnannnn')],
    ['stale ageUnknown', 'of one of two', with_('nnnnnnnnnn', 'nnnnnannnn')],
    ['notObserved idle', 'one before the window', with_('0:annnnnnnnnn')],
  ])('%s: %s', check);
});

describe('a group of somebody else, or in another VPC', () => {
  const shared = (state: string, heard = '..........'): World => ({
    interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', `eni-b vpc-2/subnet-2 sg-db ${heard}`],
    associations: [`sg-web vpc-2 ${state}`],
  });
  const owned = (...owners: string[]): World => ({
    interfaces: [...QUIET.interfaces, 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'],
    owners,
  });
  test.each<Row>([
    ['notObserved sharedGroup vpc-2', 'of which nothing was read', shared('associated')],
    ['stale ageUnknown', 'of which something was', shared('associated', 'aaaaaaaaaa')],
    ['stale ageUnknown', 'NODATA is something', shared('associated', 'nnnnnnnnna')],
    ['notObserved sharedGroup vpc-2', 'of which little was', shared('associated', 'aaaaaaaaa.')],
    ['notObserved sharedGroup vpc-2', 'of which only rejects were', shared('associated', 'rrrrrrrrrr')],
    ['notObserved sharedGroup vpc-2', 'being associated', shared('associating')],
    ['notObserved sharedGroup vpc-2', 'being parted', shared('disassociating')],
    ['notObserved sharedGroup vpc-2', 'that could not be parted', shared('disassociation-failed')],
    ['stale ageUnknown', 'no longer', shared('disassociated')],
    ['stale ageUnknown', 'that never was', shared('association-failed')],
    ['stale ageUnknown', 'its own VPC', { associations: ['sg-web vpc-1 associated'] }],
    ['stale ageUnknown', 'another group is', { ...shared('associated'), associations: ['sg-db vpc-2 associated'] }],
    [
      'notObserved sharedGroup vpc-3',
      'the silent one of two is told',
      { ...shared('associated', ALL), associations: ['sg-web vpc-2 associated', 'sg-web vpc-3 associated'] },
    ],
    ['notObserved sharedGroup vpc-2', 'its own VPC is unknown', { groups: ['sg-db vpc-1'], ...shared('associated') }],
    [
      'stale ageUnknown',
      'of the account of all interfaces',
      owned('sg-web 111111111111', 'eni-a 111111111111', 'eni-b 111111111111'),
    ],
    [
      'notObserved sharedGroup 222222222222',
      'of another account',
      owned('sg-web 222222222222', 'eni-a 111111111111', 'eni-b 111111111111'),
    ],
    [
      'notObserved sharedGroup 222222222222',
      'of a participant of the VPC of ours',
      owned('sg-web 222222222222', 'eni-a 222222222222', 'eni-b 111111111111', 'vpc-1 111111111111'),
    ],
    [
      'stale ageUnknown',
      'of the owner of the VPC, in which there are participants',
      owned('sg-web 111111111111', 'eni-a 111111111111', 'eni-b 222222222222', 'vpc-1 111111111111'),
    ],
    ['stale ageUnknown', 'whose account nobody says', owned('eni-a 111111111111')],
  ])('%s: %s', check);
});

describe('of several reasons the first is told', () => {
  const all: World = {
    rules: ['r1 sg-web in udp 67-68 sg-gone'],
    interfaces: ['eni-a vpc-1/subnet-1 sg-web nnnnnnnn.n', 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'],
    flowLogs: 'no list',
    associations: ['sg-web vpc-3 associated'],
    use: ['r1 3 possible=4 setAside=2'],
    rulesKnownSince: 5,
  };
  const onPort = { rules: ['r1 sg-web in udp 1-2 sg-gone'] };
  const watched = { interfaces: ['eni-a vpc-1/subnet-1 sg-web nnnnnnnnnn', 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'] };
  const busy = { interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'] };
  const open = { rules: ['r1 sg-web in udp 1-2 0.0.0.0/0'] };
  test.each<Row>([
    [
      'notObserved unmatchable 10.0.0.0/33 is not an IPv4 CIDR',
      'the rule itself',
      { ...all, rules: ['r1 sg-web in tcp 1-2 10.0.0.0/33'] },
    ],
    ['notObserved onlyPossibleUse 4', 'possible use', all],
    ['notObserved onlySetAside 2', 'records set aside', { ...all, use: ['r1 3 setAside=2'] }],
    ['notObserved neverLogged DHCP', 'traffic that is never logged', { ...all, use: [] }],
    ['notObserved notWatched 9/10 notCovered', 'days that were not watched', { ...all, ...onPort, use: [] }],
    ['notObserved idle', 'idle interfaces', { ...all, ...onPort, ...watched, use: [] }],
    ['notObserved peerAbsent sg-gone', 'a peer that is not there', { ...all, ...onPort, ...busy, use: [] }],
    ['notObserved sharedGroup vpc-3', 'another VPC', { ...all, ...open, ...busy, use: [] }],
    [
      'tooYoung rule since 2026-01-16T00:00:00Z',
      'and age after all of them',
      { ...all, ...open, ...busy, use: [], associations: [] },
    ],
  ])('%s: %s', check);
});
