/** At night a port that met several of the other end is the service; when that leaves no room for the other reading. */
import { expect, test } from '@jest/globals';
import { Attribution } from '../../../shared/attribution/attribution.ts';
import { noDuplicates } from '../../../shared/attribution/duplicate-log.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { emptyUsage } from '../../../shared/usage/usage.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { ALL_COLUMNS, toFiles, toText } from '../../oracle/random-world.ts';
import { inventoryOf } from '../../oracle/row.ts';
import { recordOf } from '../../oracle/shorthand.ts';
import { creditedBy } from './credited-by.ts';

/** `r1`, or `r2 or perhaps r1`. */
function readAs(rules: string[], text: string, service: 'source' | 'destination' | undefined): string {
  const compiled = new CompiledInventory(inventoryOfFiles(toFiles(inventoryOf({ rules }))));
  const attribution = new Attribution(compiled, emptyUsage());
  const reader = new TextReader({
    record: (record) => {
      attribution.add(Object.assign(record, { service }), { flowLogId: undefined, isDuplicate: noDuplicates });
    },
    malformed: (_, reason) => {
      throw new Error(reason);
    },
  });
  reader.push(Buffer.from(toText([recordOf(text)], ALL_COLUMNS)));
  reader.end();
  attribution.settle();
  const { orientation, possible } = attribution.reading ?? {};
  const credited = orientation ? creditedBy(orientation) : [];
  const perhaps = possible ? [`perhaps ${possible.rules.map(({ ruleId }) => ruleId).join(' ')}`] : [];
  return [credited.join(' '), ...perhaps].join(' or ');
}

const OUT_ALL = 'r2 sg-web out -1 0.0.0.0/0';
const IN = (ports: string, protocol = 'tcp'): string[] => [`r1 sg-web in ${protocol} ${ports} 10.0.0.0/8`, OUT_ALL];

test.each<[why: string, rules: string[], record: string, service: 'source' | 'destination' | undefined, read: string]>([
  [
    'without it: a client below the ports of a service',
    IN('50051-50051'),
    'tcp 10.9.9.9:2000 > 10.0.0.10:50051',
    undefined,
    'r1 or perhaps r2',
  ],
  ['with it: no room', IN('50051-50051'), 'tcp 10.9.9.9:2000 > 10.0.0.10:50051', 'destination', 'r1'],
  [
    'a wide rule for what the other port would be',
    IN('1024-65535'),
    'tcp 10.9.9.9:2000 > 10.0.0.10:50051',
    'source',
    'r2',
  ],
  [
    'a port that clients keep for several services',
    IN('1024-65535'),
    'tcp 10.9.9.9:890 > 10.0.0.10:2049',
    'source',
    'r2 or perhaps r1',
  ],
  ['the first of those', IN('1024-65535'), 'tcp 10.9.9.9:512 > 10.0.0.10:2049', 'source', 'r2 or perhaps r1'],
  ['the last of those', IN('1024-65535'), 'tcp 10.9.9.9:1023 > 10.0.0.10:2049', 'source', 'r2 or perhaps r1'],
  ['above them', IN('1024-65535'), 'tcp 10.9.9.9:1024 > 10.0.0.10:2049', 'source', 'r2'],
  [
    'a rule that names the other port',
    IN('2049-2049'),
    'tcp 10.9.9.9:2000 > 10.0.0.10:2049',
    'source',
    'r2 or perhaps r1',
  ],
  [
    'with as many ports as name a service',
    IN('2049-3072'),
    'tcp 10.9.9.9:2000 > 10.0.0.10:2049',
    'source',
    'r2 or perhaps r1',
  ],
  [
    'but fewer for the port that met many',
    ['r1 sg-web in tcp 2049-2148 10.0.0.0/8', 'r2 sg-web out tcp 2000 10.0.0.0/8'],
    'tcp 10.9.9.9:2000 > 10.0.0.10:2049',
    'source',
    'r2',
  ],
  ['with one more', IN('2049-3073'), 'tcp 10.9.9.9:2000 > 10.0.0.10:2049', 'source', 'r2'],
  [
    'a rule that names the other port, and one that names this port better',
    ['r1 sg-web in tcp 50051 10.0.0.0/8', 'r2 sg-web out tcp 2000-2100 10.0.0.0/8'],
    'tcp 10.9.9.9:2000 > 10.0.0.10:50051',
    'destination',
    'r1',
  ],
  ['active FTP', IN('1024-65535'), 'tcp 10.9.9.9:20 > 10.0.0.10:2049', 'source', 'r2 or perhaps r1'],
  ['UDP', IN('50051-50051', 'udp'), 'udp 10.9.9.9:2000 > 10.0.0.10:50051', 'destination', 'r1 or perhaps r2'],
])('%s', (_why, rules, record, service, read) => {
  expect(readAs(rules, `eni-a in ${record} flags=0`, service)).toBe(read);
});
