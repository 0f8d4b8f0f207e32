import { expect, test } from '@jest/globals';
import { parseAddress } from '../../../shared/addresses/address.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { allCandidates, PeerClasses, type PeerClass } from '../../../shared/matching/peer-classes.ts';
import { Asked } from './asked.ts';

function classesOf(rules: string[], vpcs?: string[]): (peer: string) => PeerClass {
  const { compiled, groupSet } = new Asked({ rules, ...(vpcs && { vpcs }) });
  const classes = new PeerClasses(compiled, groupSet, 'ingress');
  return (peer) => classes.find(parseAddress(peer)!).peers;
}

/** `r1/16`: the rule and the length of the longest of its prefixes that holds the peers. */
const candidates = (peers: PeerClass): string[] =>
  allCandidates(peers)
    .map(({ compiled, length }) => `${compiled.rule.ruleId}/${length}`)
    .sort();
/** Those that hold the peers aside. */
const could = (peers: PeerClass): string[] => {
  const held = new Set(allCandidates(peers).map(({ compiled }) => compiled));
  return peers.could.filter((compiled) => !held.has(compiled)).map(({ rule }) => rule.ruleId);
};

test('peers of the same blocks are one class, of others another', () => {
  const find = classesOf(['r1 sg-web in tcp 22 10.0.0.0/8', 'r2 sg-web in tcp 22 10.9.0.0/16']);
  expect(find('10.9.0.1')).toBe(find('10.9.255.255'));
  expect(candidates(find('10.9.0.1'))).toEqual(['r1/8', 'r2/16']);
  expect(candidates(find('10.8.0.1'))).toEqual(['r1/8']);
  expect(candidates(find('192.0.2.1'))).toEqual([]);
});

test('who holds the address matters only where a rule names a group', () => {
  const byBlock = classesOf(['r1 sg-web in tcp 22 10.0.0.0/8']);
  expect(byBlock('10.0.0.20')).toBe(byBlock('10.77.0.1'));
  const byGroup = classesOf(['r1 sg-web in tcp 22 10.0.0.0/8', 'r2 sg-web in tcp 22 sg-db']);
  expect(candidates(byGroup('10.0.0.20'))).toEqual(['r1/8', 'r2/32']);
  expect(candidates(byGroup('10.77.0.1'))).toEqual(['r1/8']);
});

test('of a prefix list and a block, each rule has its own longest prefix', () => {
  const { compiled, groupSet } = new Asked({
    rules: ['r1 sg-web in tcp 22 pl-1', 'r2 sg-web in tcp 22 10.0.0.0/8'],
    prefixLists: { 'pl-1': { family: 'IPv4', entries: ['10.9.0.0/16', '10.9.1.0/24'] } },
  });
  const classes = new PeerClasses(compiled, groupSet, 'ingress');
  expect(candidates(classes.find(parseAddress('10.9.1.1')!).peers)).toEqual(['r1/24', 'r2/8']);
});

test('a rule whose list nobody could read could hold any peer, and is never a candidate', () => {
  const find = classesOf(['r1 sg-web in tcp 22 pl-unread']);
  expect([candidates(find('10.9.0.1')), could(find('10.9.0.1'))]).toEqual([[], ['r1']]);
});

test('a member that no snapshot shows could have an address that nobody is known to have, never one that somebody has', () => {
  const find = classesOf(['r1 sg-web in tcp 22 sg-db']);
  expect(could(find('10.0.0.200'))).toEqual(['r1']);
  expect(could(find('10.0.0.11'))).toEqual([]);
});

test('such a member has an address of a VPC in which its group may be carried', () => {
  const find = classesOf(['r1 sg-web in tcp 22 sg-db'], ['vpc-1 10.0.0.0/16', 'vpc-2 10.2.0.0/16']);
  expect(['10.0.0.200', '10.2.0.200', '10.0.0.201'].map((peer) => could(find(peer)))).toEqual([['r1'], [], ['r1']]);
});

test('who had the address is asked of the time, whichever was asked first', () => {
  const { compiled, groupSet } = new Asked({ rules: ['r1 sg-web in tcp 22 sg-db'] }, { 'eni-b': 1000 });
  const classes = new PeerClasses(compiled, groupSet, 'ingress');
  const at = (time?: number) => candidates(classes.find(parseAddress('10.0.0.20')!, time).peers);
  expect([at(999), at(1000), at(), at(999)]).toEqual([[], ['r1/32'], ['r1/32'], []]);
  expect(classes.find(parseAddress('10.0.0.20')!, 999)).toMatchObject({ since: -Infinity, until: 1000 });
  expect(classes.find(parseAddress('10.0.0.20')!, 1500)).toMatchObject({ since: 1000, until: Infinity });
});

test('before an interface was attached its address may have been its own, unless another had it', () => {
  const { compiled, groupSet } = new Asked(
    {
      rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 22 sg-web'],
      // The blocks of the VPC are known, so that nobody else there has addresses outside of them.
      vpcs: ['vpc-1 10.0.0.0/24'],
      interfaces: [
        'eni-later vpc-1 sg-db 10.5.0.1',
        'eni-taken vpc-1 sg-db 10.5.0.2',
        'eni-holder vpc-1 sg-two 10.5.0.2',
        'eni-both vpc-1 sg-db,sg-web 10.5.0.3',
      ],
    },
    { 'eni-later': 1000, 'eni-taken': 1000, 'eni-both': 1000 },
  );
  const classes = new PeerClasses(compiled, groupSet, 'ingress');
  const laterAt = (peer: string, time: number): string[][] => {
    const { peers } = classes.find(parseAddress(peer)!, time);
    return [peers.unsure.map(({ rule }) => rule.ruleId), could(peers)];
  };
  expect(laterAt('10.5.0.9', 999)).toEqual([[], []]);
  expect(laterAt('10.5.0.1', 999)).toEqual([['r1'], ['r1']]);
  expect(laterAt('10.5.0.3', 999)).toEqual([
    ['r1', 'r2'],
    ['r1', 'r2'],
  ]);
  expect(laterAt('10.5.0.1', 1000)).toEqual([[], []]);
  expect(laterAt('10.5.0.2', 999)).toEqual([[], []]);
});

test('once an interface is gone its address is of who has it then', () => {
  const { compiled } = new Asked(
    {
      rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 22 sg-two'],
      vpcs: ['vpc-1 10.0.0.0/16'],
      interfaces: ['eni-gone vpc-1 sg-db 10.0.5.2', 'eni-next vpc-1 sg-two 10.0.5.2'],
    },
    { 'eni-gone': 1000, 'eni-next': 3000 },
  );
  const interfaces = new Map(compiled.inventory.interfaces);
  interfaces.set('eni-gone', { ...interfaces.get('eni-gone')!, detachedAt: 2000 });
  const since = new CompiledInventory({ ...compiled.inventory, interfaces });
  const classes = new PeerClasses(since, since.interfaceOf('eni-a')!.groupSet!, 'ingress');
  const at = (time: number): string[][] => {
    const { peers } = classes.find(parseAddress('10.0.5.2')!, time);
    return [candidates(peers), could(peers).sort()];
  };
  expect([1500, 2500, 3500].map(at)).toEqual([
    [['r1/32'], []],
    // It may have been another's, or of one of them still.
    [[], ['r1', 'r2']],
    [['r2/32'], []],
  ]);
});

test('of an address that two interfaces of the VPC have on a day, no rule that names a group of one of them is sure', () => {
  const { compiled, groupSet } = new Asked({
    rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 22 sg-web', 'r3 sg-web in tcp 22 10.5.0.0/16'],
    interfaces: [
      'eni-one vpc-1 sg-db 10.5.0.1',
      'eni-other vpc-1 sg-two 10.5.0.1',
      'eni-same vpc-1 sg-db 10.5.0.2',
      'eni-alike vpc-1 sg-db,sg-web 10.5.0.2',
      'eni-here vpc-1 sg-db 10.5.0.3',
      'eni-far vpc-2 sg-two 10.5.0.3',
    ],
  });
  const classes = new PeerClasses(compiled, groupSet, 'ingress');
  const unsure = (peer: string): string[] => {
    const { unsure: some, ...peers } = classes.find(parseAddress(peer)!).peers;
    return [some.map(({ rule }) => rule.ruleId).join(), candidates({ unsure: some, ...peers }).join()];
  };
  expect(unsure('10.5.0.1')).toEqual(['r1', 'r1/32,r3/16']);
  expect(unsure('10.5.0.2')).toEqual(['r2', 'r1/32,r2/32,r3/16']);
  expect(unsure('10.5.0.3')).toEqual(['', 'r1/32,r3/16']);
});

test('a rule that could hold any peer is no more than a candidate for those that it surely holds', () => {
  const { compiled, groupSet } = new Asked({
    rules: ['r1 sg-web in tcp 22 sg-lb'],
    // It can keep the address of its client.
    interfaces: ['eni-lb vpc-1 sg-lb 10.0.0.77 type=network_load_balancer'],
  });
  const classes = new PeerClasses(compiled, groupSet, 'ingress');
  const of = (peer: string) => classes.find(parseAddress(peer)!).peers;
  expect([candidates(of('10.0.0.77')), could(of('10.0.0.77'))]).toEqual([['r1/32'], []]);
  expect([candidates(of('203.0.113.9')), could(of('203.0.113.9'))]).toEqual([[], ['r1']]);
});
