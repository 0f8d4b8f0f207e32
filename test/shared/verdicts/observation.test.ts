import { describe, expect, test } from '@jest/globals';
import { MAX_SKIPPED_SHARE, MAX_UNKNOWN_SHARE, MIN_OBSERVED_SHARE } from '../../../shared/verdicts/observation.ts';
import { verdictOf, type World } from './world.ts';

type Row = [says: string, why: string, world: World];
const check = (says: string, _why: string, world: World): void => {
  expect(verdictOf(world)).toBe(says);
};

/** Two interfaces of the group, each with a flow log of its own. */
const twins = (a: string, b: string, more: World = {}): World => ({
  interfaces: [`eni-a vpc-1/subnet-1 sg-web ${a}`, `eni-b vpc-1/subnet-2 sg-web ${b}`],
  flowLogs: ['fl-1 eni-a ALL -100', 'fl-2 eni-b ALL -100'],
  ...more,
});
const ALL = 'aaaaaaaaaa';

test('the shares that decide', () => {
  expect([MIN_OBSERVED_SHARE, MAX_SKIPPED_SHARE, MAX_UNKNOWN_SHARE]).toEqual([0.95, 0.01, 0.01]);
});

/** Something else of the VPC, so that it was heard. */
const OTHER = 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa';

describe('coverage: the interface-days of the group', () => {
  test.each<Row>([
    ['stale ageUnknown', '20 of 20', twins(ALL, ALL)],
    ['stale ageUnknown', '19 of 20: 95 % exactly', twins(ALL, 'aaaa.aaaaa')],
    ['notObserved notCovered 18/20', '18 of 20', twins(ALL, 'aaaa..aaaa')],
    ['notObserved notCovered 18/20', 'one day of each', twins('.aaaaaaaaa', 'aaaaaaaaa.')],
    ['notObserved notCovered 9/10', '9 of 10', { interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaa.'] }],
    ['notObserved notCovered 10/20', 'one of two interfaces', twins(ALL, '..........')],
    [
      'stale ageUnknown',
      'an interface of another group does not count',
      twins(ALL, ALL, {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-1/subnet-2 sg-db ..........'],
      }),
    ],
    [
      'notObserved notCovered 10/20',
      'an interface of several groups counts for each',
      twins(ALL, ALL, {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-1/subnet-2 sg-db,sg-web ..........'],
      }),
    ],
    ['notObserved notCovered 0/10', 'no flow log in the list', { flowLogs: [] }],
  ])('%s: %s', check);
});

describe('coverage: which flow log covers', () => {
  const log = (text: string): World => ({ flowLogs: [text] });
  test.each<Row>([
    ['stale ageUnknown', 'of the VPC', log('fl-1 vpc-1 ALL -100')],
    ['stale ageUnknown', 'of the subnet', log('fl-1 subnet-1 ALL -100')],
    ['stale ageUnknown', 'of the interface', log('fl-1 eni-a ALL -100')],
    ['notObserved notCovered 0/10', 'of another VPC', log('fl-1 vpc-2 ALL -100')],
    ['notObserved notCovered 0/10', 'of another subnet', log('fl-1 subnet-2 ALL -100')],
    ['notObserved notCovered 0/10', 'of another interface', log('fl-1 eni-b ALL -100')],
    ['stale ageUnknown', 'of accepted traffic', log('fl-1 vpc-1 ACCEPT -100')],
    ['notObserved notCovered 0/10', 'of rejected traffic: it never shows use', log('fl-1 vpc-1 REJECT -100')],
    ['notObserved notCovered 0/10', 'no longer active', log('fl-1 vpc-1 ALL -100 inactive')],
    ['stale ageUnknown', 'made in the first second of the window', log('fl-1 vpc-1 ALL 1')],
    ['notObserved notCovered 9/10', 'made a second later: that day is not whole', log('fl-1 vpc-1 ALL 1.00002')],
    ['notObserved notCovered 6/10', 'made at noon of day 4', log('fl-1 vpc-1 ALL 4.5')],
    ['notObserved notCovered 0/10', 'made after the window', log('fl-1 vpc-1 ALL 12')],
    ['stale ageUnknown', 'of unknown age', log('fl-1 vpc-1 ALL')],
    [
      'stale ageUnknown',
      'an old one of the VPC beside a new one of the subnet',
      { flowLogs: ['fl-1 subnet-1 ALL 8', 'fl-2 vpc-1 ALL -5'] },
    ],
    [
      'notObserved notCovered 3/10',
      'a new one of all beside an old one of rejects',
      { flowLogs: ['fl-1 vpc-1 ALL 8', 'fl-2 vpc-1 REJECT -5'] },
    ],
  ])('%s: %s', check);
});

describe('coverage: something of what a flow log covers was read that day', () => {
  test.each<Row>([
    ['stale ageUnknown', 'NODATA is something', { interfaces: ['eni-a vpc-1/subnet-1 sg-web nnnnnnnnnn'] }],
    [
      'notObserved notCovered 0/10',
      'rejected traffic alone is not: its log may show nothing else',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web rrrrrrrrrr'] },
    ],
    [
      'notObserved notCovered 9/10',
      'SKIPDATA alone is not',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaas'] },
    ],
    [
      'stale ageUnknown',
      'a silent interface, where others of its VPC are heard',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web ..........', 'eni-b vpc-1/subnet-2 sg-db aaaaaaaaaa'] },
    ],
    [
      'notObserved notCovered 0/10',
      'the log is of the subnet, and others were heard in another one',
      {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web ..........', 'eni-b vpc-1/subnet-2 sg-db aaaaaaaaaa'],
        flowLogs: ['fl-1 subnet-1 ALL -5'],
      },
    ],
    [
      'notObserved notCovered 5/10',
      'the folder holds five days',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web .....aaaaa'] },
    ],
    [
      'notObserved notCovered 0/10',
      'the days of the folder lie before the window',
      { interfaces: ['eni-a vpc-1/subnet-1 sg-web -9:aaaaaaaaaa'] },
    ],
  ])('%s: %s', check);
});

describe('coverage without a list of flow logs: an interface with any record that day', () => {
  const bare = (...interfaces: string[]): World => ({ flowLogs: 'no list', interfaces });
  test.each<Row>([
    ['stale ageUnknown', 'accepted ones', bare('eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa')],
    ['stale ageUnknown', 'NODATA', bare('eni-a vpc-1/subnet-1 sg-web nnnnnnnnnn')],
    [
      'notObserved notCovered 0/10',
      'others of the VPC do not count for it',
      bare('eni-a vpc-1/subnet-1 sg-web ..........', 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'),
    ],
    [
      'stale ageUnknown',
      'rejected ones, where more than those were read of the VPC',
      bare('eni-a vpc-1/subnet-1 sg-web rrrrrrrrrr', 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'),
    ],
    [
      'notObserved notCovered 0/10',
      'rejected ones, where nothing else was: a log of rejects',
      bare('eni-a vpc-1/subnet-1 sg-web rrrrrrrrrr', 'eni-b vpc-1/subnet-1 sg-db rrrrrrrrrr'),
    ],
    [
      'stale ageUnknown',
      '19 of 20: 95 % exactly',
      bare('eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-1/subnet-1 sg-web nnnnnnnnn.'),
    ],
    [
      'notObserved notCovered 19/30',
      'and not less',
      bare(
        'eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa',
        'eni-b vpc-1/subnet-1 sg-web aaaaaaaaa.',
        'eni-c vpc-1/subnet-1 sg-web ..........',
      ),
    ],
  ])('%s: %s', check);
});

describe('skipped data: of the records of the group’s interfaces', () => {
  test.each<Row>([
    ['stale ageUnknown', '1 of 100: 1 % exactly', { more: ['eni-a 3 accepted=89 skipData=1'] }],
    ['notObserved skippedData 1/99', '1 of 99', { more: ['eni-a 3 accepted=88 skipData=1'] }],
    ['notObserved skippedData 2/199', '2 of 199', { more: ['eni-a 3 accepted=187 skipData=2'] }],
    [
      'stale ageUnknown',
      'rejected ones and NODATA are records too',
      { more: ['eni-a 3 skipData=1 noData=40 records=90'] },
    ],
    ['stale ageUnknown', 'before the window', { more: ['eni-a 0 skipData=50'] }],
    ['notObserved skippedData 50/60', 'on its last day', { more: ['eni-a 10 skipData=50'] }],
    [
      'stale ageUnknown',
      'of another group’s interface',
      {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'],
        more: ['eni-b 3 skipData=50'],
      },
    ],
    ['notObserved skippedData 1/20', 'of any interface of the group', twins(ALL, 'aaaaaaaaas')],
  ])('%s: %s', check);
});

describe('unknown interfaces: of the accepted records of the group’s VPC', () => {
  const accepted = (number: number, more: World): World => ({ ...more, more: [`eni-a 3 accepted=${number - 10}`] });
  test.each<Row>([
    ['stale ageUnknown', '1 of 100: 1 % exactly', accepted(99, { unknown: ['vpc-1 3 1'] })],
    ['notObserved unknownInterfaces 1/99', '1 of 99', accepted(98, { unknown: ['vpc-1 3 1'] })],
    [
      'notObserved unknownInterfaces 2/101',
      '2 of 101, on two days',
      accepted(99, { unknown: ['vpc-1 3 1', 'vpc-1 4 1'] }),
    ],
    ['stale ageUnknown', 'of another VPC', { unknown: ['vpc-2 3 50'] }],
    ['stale ageUnknown', 'of a VPC elsewhere', { unknown: ['elsewhere 3 50'] }],
    [
      'notObserved unknownInterfaces 50/60',
      'of a VPC that the log does not say: it may be this one',
      { unknown: ['- 3 50'] },
    ],
    [
      'notObserved unknownInterfaces 2/101',
      'of this VPC and of one that is not said, together',
      accepted(99, { unknown: ['vpc-1 3 1', '- 3 1'] }),
    ],
    ['stale ageUnknown', 'before the window', { unknown: ['vpc-1 0 50'] }],
    ['stale ageUnknown', 'after it', { unknown: ['vpc-1 12 50'] }],
    ['notObserved unknownInterfaces 50/60', 'on the day of asking', { unknown: ['vpc-1 11 50'] }],
    [
      'stale ageUnknown',
      'accepted records of other groups of the VPC count',
      {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa'],
        more: ['eni-b 3 accepted=79'],
        unknown: ['vpc-1 3 1'],
      },
    ],
    [
      'notObserved unknownInterfaces 1/11',
      'NODATA and rejected ones do not',
      { more: ['eni-a 3 noData=500 records=1000'], unknown: ['vpc-1 3 1'] },
    ],
    [
      'notObserved unknownInterfaces 5/15',
      'of another VPC where an interface has the group',
      {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-2/subnet-2 sg-web aaaaaaaaaa'],
        flowLogs: ['fl-1 vpc-1 ALL', 'fl-2 vpc-2 ALL'],
        unknown: ['vpc-2 3 5'],
      },
    ],
    [
      'notObserved unknownInterfaces 5/15',
      'of another VPC that the group is associated with',
      {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-2/subnet-2 sg-db aaaaaaaaaa'],
        associations: ['sg-web vpc-2 associated'],
        unknown: ['vpc-2 3 5'],
      },
    ],
    [
      'stale ageUnknown',
      'of a VPC that it is no longer associated with',
      {
        interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', 'eni-b vpc-2/subnet-2 sg-db aaaaaaaaaa'],
        associations: ['sg-web vpc-2 disassociated'],
        unknown: ['vpc-2 3 5'],
      },
    ],
    [
      'notObserved unknownInterfaces 5/5',
      'of a VPC elsewhere, where the group’s own is unknown',
      { groups: ['sg-db vpc-1'], interfaces: [OTHER], unknown: ['elsewhere 3 5'] },
    ],
    [
      'notObserved unknownInterfaces 5/5',
      'of a VPC that is not said, counted once',
      { groups: ['sg-db vpc-1'], interfaces: [OTHER], unknown: ['- 3 5'] },
    ],
    [
      'notObserved unknownInterfaces 5/5',
      'of any VPC, where the group’s own is unknown',
      { groups: ['sg-db vpc-1'], interfaces: [OTHER], unknown: ['vpc-1 3 5'] },
    ],
    ['stale ageUnknown', 'nothing at all', { unknown: ['vpc-1 3 0'] }],
  ])('%s: %s', check);
});

describe('a group associated with another VPC', () => {
  const shared = (state: string, heard = '..........'): World => ({
    interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa', `eni-b vpc-2/subnet-2 sg-db ${heard}`],
    associations: [`sg-web vpc-2 ${state}`],
  });
  test.each<Row>([
    ['notObserved sharedGroup vpc-2', 'of which nothing was read', shared('associated')],
    ['stale ageUnknown', 'of which something was', shared('associated', 'aaaaaaaaaa')],
    ['stale ageUnknown', 'NODATA is something', shared('associated', 'nnnnnnnnnn')],
    ['notObserved sharedGroup vpc-2', 'of which little was', shared('associated', 'aaaaaaaaa.')],
    ['notObserved sharedGroup vpc-2', 'of which only rejects were', shared('associated', 'rrrrrrrrrr')],
    ['notObserved sharedGroup vpc-2', 'before the window only', shared('associated', '-5:aaaaa')],
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
  ])('%s: %s', check);
});

describe('of several gaps the first is told', () => {
  const all: World = {
    rules: ['r1 sg-web in udp 67..68 0.0.0.0/0'],
    interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaa.....'],
    more: ['eni-a 3 skipData=50'],
    unknown: ['vpc-1 3 50'],
    associations: ['sg-web vpc-3 associated'],
    use: ['r1 3 possible=4'],
    rulesKnownSince: 5,
  };
  const heard = { interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa'] };
  test.each<Row>([
    [
      'notObserved unmatchable 10.0.0.0/33 is no IPv4 CIDR',
      'the rule itself',
      { ...all, rules: ['r1 sg-web in tcp 1..2 10.0.0.0/33'] },
    ],
    ['notObserved onlyPossibleUse 4', 'possible use', all],
    ['notObserved notCovered 5/10', 'coverage', { ...all, use: [] }],
    ['notObserved skippedData 50/60', 'skipped data', { ...all, ...heard, use: [] }],
    ['notObserved unknownInterfaces 50/60', 'unknown interfaces', { ...all, ...heard, use: [], more: [] }],
    ['notObserved sharedGroup vpc-3', 'another VPC', { ...all, ...heard, use: [], more: [], unknown: [] }],
    [
      'notObserved neverLogged DHCP',
      'traffic that is never logged',
      { ...all, ...heard, use: [], more: [], unknown: [], associations: [] },
    ],
    [
      'tooYoung since 2026-01-16T00:00:00Z',
      'and age after all of them',
      {
        ...all,
        ...heard,
        use: [],
        more: [],
        unknown: [],
        associations: [],
        rules: ['r1 sg-web in udp 1..2 0.0.0.0/0'],
      },
    ],
  ])('%s: %s', check);
});
