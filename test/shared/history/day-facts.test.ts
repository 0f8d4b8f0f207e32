import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { entryKeys, FactsOfDay, factsOf, versionedIdOf, type Moment } from '../../../shared/history/day-facts.ts';
import type { NetworkInterface } from '../../../shared/inventory/inventory.ts';
import { unite, withInterfaces } from '../../../shared/inventory/union.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { randomWorld } from '../../oracle/random-world.ts';

/** From all inventories at once, as the union of them is defined. */
function fromTheUnion(moments: readonly Moment[], lookedUp: readonly NetworkInterface[]) {
  const union = withInterfaces(moments.map(({ inventory }) => inventory).reduce(unite), lookedUp);
  const all = moments.flatMap(({ takenAt, inventory }) => inventory.rules.map((rule) => ({ rule, takenAt })));
  const contents = Map.groupBy(all, ({ rule }) => versionedIdOf(rule));
  const listed = moments.flatMap(({ takenAt, inventory }) =>
    inventory.rules
      .filter(({ peer }) => peer.type === 'prefixList')
      .flatMap(({ peer }) => entryKeys(inventory, peer.value).map((key) => ({ key, takenAt }))),
  );
  const entries = Map.groupBy(listed, ({ key }) => key);
  const peers = all.flatMap(({ rule: { groupId, peer } }) =>
    peer.type === 'group' && peer.value !== groupId ? peer.value : [],
  );
  return {
    day: 1,
    assumed: false,
    outdated: false,
    flowLogs: union.flowLogs,
    associations: union.associations,
    interfaces: [...union.interfaces.values()].map(({ interfaceId, vpcId, subnetId, type, attachedAt, groupIds }) => {
      return { interfaceId, vpcId, subnetId, type, attachedAt, groupIds: [...new Set(groupIds)].sort() };
    }),
    contents: new Map([...contents].map(([id, seen]) => [id, Math.min(...seen.map(({ takenAt }) => takenAt))])),
    entries: new Map([...entries].map(([key, seen]) => [key, Math.min(...seen.map(({ takenAt }) => takenAt))])),
    referred: new Set(peers),
  };
}

test('facts that are gathered moment by moment are those of the union of all', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { minLength: 1, maxLength: 6 }), (seeds) => {
      const inventories = seeds.map((seed) => inventoryOfFiles(randomWorld(seed, { recordCount: 1 }).files));
      const moments = inventories.map((inventory, i) => ({ takenAt: 100 * (i + 1), inventory }));
      const lookedUp = [...inventories[0]!.interfaces.values()].slice(0, 2).map((one) => {
        return { ...one, groupIds: [...one.groupIds, 'sg-looked-up'] };
      });
      expect(factsOf({ day: 1, assumed: false, outdated: false }, moments, lookedUp)).toEqual(
        fromTheUnion(moments, lookedUp),
      );
    }),
    { numRuns: 60 },
  );
});

test('of a day without a snapshot there are none', () => {
  expect(() => new FactsOfDay({ day: 1, assumed: false, outdated: false }).finish()).toThrow('no snapshot is in force');
});
