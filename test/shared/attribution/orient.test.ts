import { describe, expect, test } from '@jest/globals';
import { directionOf, orient, peerOf } from '../../../shared/attribution/orient.ts';
import { formatAddress } from '../../../shared/addresses/address.ts';
import { Admissions } from '../../../shared/matching/admission.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { ALL_COLUMNS, toFiles, toText } from '../../oracle/random-world.ts';
import { inventoryOf } from '../../oracle/row.ts';
import { recordOf } from '../../oracle/shorthand.ts';
import { creditedBy } from './credited-by.ts';

/**
 * How a record of eni-a (10.0.0.10, sg-web) is read: `request syn r1`, then its peer where that is not 10.9.9.9. Where
 * no direction can be told, `nothing`.
 */
function readAs(rules: string[], record: string): string {
  const compiled = new CompiledInventory(inventoryOfFiles(toFiles(inventoryOf({ rules }))));
  const owner = compiled.interfaceOf('eni-a')!;
  const said: string[] = [];
  const reader = new TextReader({
    record: (one) => {
      const direction = directionOf(one, owner, compiled);
      if (!direction) return said.push('nothing');
      const orientation = orient(one, owner.groupSet!, direction, new Admissions(compiled));
      const { opener, ground } = orientation;
      const address = formatAddress(peerOf(one, direction, orientation));
      const words = [opener, ground, ...creditedBy(orientation), ...(address === '10.9.9.9' ? [] : [address])];
      return said.push(words.join(' '));
    },
    malformed: (_, reason) => {
      throw new Error(reason);
    },
  });
  reader.push(Buffer.from(toText([recordOf(`eni-a ${record}`)], ALL_COLUMNS)));
  reader.end();
  return said.join();
}

const BOTH_OPEN = ['r1 sg-web in -1 0.0.0.0/0', 'r2 sg-web out -1 0.0.0.0/0'];

describe('flags decide, whatever rules and ports say', () => {
  test.each<[read: string, flags: number, why: string]>([
    ['request syn r1', 2, 'a SYN is the opener’s'],
    ['request syn r1', 3, 'with a FIN of the same window'],
    ['reply syn r2', 18, 'a SYN-ACK is the answer'],
    ['reply syn r2', 19, 'with a FIN of the same window'],
  ])('%s by %d: %s', (read, flags) => {
    expect(readAs(BOTH_OPEN, `in tcp 10.9.9.9:443 > 10.0.0.10:50000 flags=${String(flags)}`)).toBe(read);
  });

  test('but not for UDP, whose records have none that mean anything', () => {
    expect(readAs(BOTH_OPEN, 'in udp 10.9.9.9:443 > 10.0.0.10:50000 flags=2')).toBe('reply smallerPort r2');
  });
});

describe('without a SYN, what the rules admit decides', () => {
  test.each<[read: string, rules: string[], why: string]>([
    ['request onlyOneAdmitted r1', ['r1 sg-web in tcp 8080 0.0.0.0/0'], 'a rule for the request alone'],
    ['reply onlyOneAdmitted r1', ['r1 sg-web out tcp 443 0.0.0.0/0'], 'a rule for the reply alone'],
    ['request moreSpecific r1', ['r1 sg-web in tcp 8080 0.0.0.0/0', BOTH_OPEN[1]!], 'fewer ports'],
    ['reply moreSpecific r1', ['r1 sg-web out tcp 443-1000 0.0.0.0/0', 'r2 sg-web in tcp 0-65535 0.0.0.0/0'], 'fewer'],
    ['request moreSpecific r1', ['r1 sg-web in tcp 0-65535 0.0.0.0/0', BOTH_OPEN[1]!], 'the protocol by name'],
    ['reply smallerPort r2', BOTH_OPEN, 'equals: then the smaller port is the service'],
    ['reply smallerPort', [], 'nothing at all: then the smaller port too, and nobody is credited'],
  ])('%s of %j (%s)', (read, rules) => {
    expect(readAs(rules, 'in tcp 10.9.9.9:443 > 10.0.0.10:8080 flags=0')).toBe(read);
  });

  test.each([
    ['request smallerPort r1', 'tcp 10.9.9.9:179 > 10.0.0.10:179'],
    ['request smallerPort r1', 'icmp 10.9.9.9 > 10.0.0.10'],
  ])('%s: ports that tell nothing are taken for a request (%s)', (read, record) => {
    expect(readAs(BOTH_OPEN, `in ${record} flags=0`)).toBe(read);
  });
});

describe('the direction is that of the packets', () => {
  test.each<[read: string, record: string, why: string]>([
    ['request syn r1', 'in tcp 10.9.9.9:50000 > 10.0.0.10:22', 'as the log says'],
    ['request syn r2', 'out tcp 10.0.0.10:50000 > 10.9.9.9:22', 'as the log says'],
    ['request syn r1', '- tcp 10.9.9.9:50000 > 10.0.0.10:22', 'to an address of the interface'],
    ['request syn r2', '- tcp 10.0.0.11:50000 > 10.9.9.9:22', 'from another address of it'],
    ['request syn r1', '- tcp 10.9.9.9:50000 > 10.0.1.17:22', 'to one of a delegated prefix'],
    ['nothing', '- tcp 10.9.9.9:50000 > 10.0.0.12:22', 'between two that are not its own'],
  ])('%s: %s (%s)', (read, record) => {
    expect(readAs(BOTH_OPEN, `${record} flags=2`)).toBe(read);
  });
});

describe('the peer is by the packet’s own address, if a rule admits that', () => {
  const record = 'in tcp 10.0.0.200:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=10.9.9.9';
  test.each<[read: string, rules: string[], why: string]>([
    ['request syn r1', ['r1 sg-web in tcp 22 10.9.0.0/16'], 'it does'],
    ['request syn r1 10.0.0.200', ['r1 sg-web in tcp 22 10.0.0.0/24'], 'only the plain field does'],
    ['request syn r1', ['r1 sg-web in tcp 22 10.9.0.0/16', 'r2 sg-web in tcp 22 10.0.0.0/24'], 'both do'],
    ['request syn 10.0.0.200', [], 'neither does'],
  ])('%s of %j (%s)', (read, rules) => {
    expect(readAs(rules, record)).toBe(read);
  });
});

describe('who is credited where no rule surely admits', () => {
  const byGroup = (extra: string[] = []): string[] => ['r1 sg-web in tcp 22 sg-db', ...extra];
  test.each<[read: string, rules: string[], flags: number, why: string]>([
    ['request syn r1', byGroup(), 2, 'the one rule that could have admitted what was surely a request'],
    ['request onlyOneAdmitted', byGroup(), 0, 'nobody, where that is not sure'],
    ['request syn', byGroup(['r2 sg-web in tcp 22 sg-db']), 2, 'nobody, of two that could'],
    ['request syn r2', byGroup(['r2 sg-web in tcp 22 10.9.9.9/32']), 2, 'whoever surely admits it'],
  ])('%s of %j, flags %d: %s', (read, rules, flags) => {
    expect(readAs(rules, `in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=${String(flags)}`)).toBe(read);
  });
});
