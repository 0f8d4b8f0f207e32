import { primary } from '../kinds/stage.ts';
import type { PlayedKind } from '../kinds/recipe.ts';
import { ON_PREMISES } from '../world/lay-out-network.ts';
import { stale, USED, used } from '../world/purposes.ts';
import { after, before, byShare, calls, callsFrom, callsTo, type Site } from './site.ts';

const UPLINK = '198.19.10.0/24';

/**
 * Interfaces that had other groups before: a machine that lost the group for its administration, which another one still
 * carries, and a client that changed from one group to another, so that its old one is on no interface.
 */
export function movedGroups(site: Site): PlayedKind[] {
  const { changedAt } = site.world;
  const moved = used('movedGroup');
  site.groups({
    admin: [
      [`in tcp 9443 ${ON_PREMISES}`, moved],
      [`in tcp 8006 ${ON_PREMISES}`, USED],
      [`in tcp 5985 ${ON_PREMISES}`, stale('no Windows left')],
    ],
    desk: [
      [`in tcp 8007 ${ON_PREMISES}`, USED],
      [`in tcp 5986 ${ON_PREMISES}`, stale('no Windows left')],
    ],
    'teller-v1': [['out tcp 8451 sg:till', moved]],
    teller: [
      [`out tcp 8883 ${UPLINK}`, USED],
      [`out tcp 8884 ${UPLINK}`, stale('left over', 'asIfOld')],
    ],
    till: [
      ['in tcp 8451 sg:teller-v1', moved],
      ['in tcp 8458 sg:teller', stale('never went live', 'asIfOld')],
    ],
  });
  const stillAdmin = site.host('admin');
  const desk = site.host('desk');
  const formerDesk = site.b.formerSelf(desk, changedAt, ['desk', 'admin', 'watched']);
  const teller = site.host('teller');
  const formerTeller = site.b.formerSelf(teller, changedAt, ['teller-v1', 'watched']);
  const till = site.host('till');
  return [
    byShare(
      'beforeTheMove',
      0.3,
      'admitted by a group that the interface no longer has',
      before(changedAt, callsFrom(ON_PREMISES, formerDesk, 9443)),
    ),
    byShare(
      'peerBeforeTheMove',
      0.3,
      'by a group that the peer no longer has',
      before(changedAt, calls(formerTeller, till, 8451)),
    ),
    byShare('afterTheMove', 0.3, 'what the interface does today', after(changedAt, callsTo(teller, UPLINK, 8883))),
    byShare('notMoved', 0.3, 'where the group is still carried', (stage) => {
      const [host, port] = stage.random.pick([
        [stillAdmin, 8006],
        [desk, 8007],
      ] as const);
      return stage.tcp(stage.outsiders.onPremises(), primary(host), port);
    }),
  ];
}

const [OLD_BRANCH, NEW_BRANCH] = ['198.19.0.0/24', '198.19.1.0/24'];
const [OLD_SUPPLIER, NEW_SUPPLIER] = ['198.19.11.0/24', '198.19.12.0/24'];

/** Prefix lists whose entry was replaced: what was used by the old one nothing explains any more, and the new one waits. */
export function changedLists(site: Site): PlayedKind[] {
  const { changedAt, network } = site.world;
  const { ownerId } = network.prod;
  site.b.changedPrefixList('branches', ownerId, changedAt, [OLD_BRANCH], [NEW_BRANCH]);
  site.b.changedPrefixList('suppliers', ownerId, changedAt, [OLD_SUPPLIER], [NEW_SUPPLIER]);
  site.groups({
    'branch-gate': [
      ['in tcp 8452 pl:branches', used('changedList')],
      ['in tcp 8453 pl:branches', stale('left over', 'asIfOld')],
    ],
    orders: [
      ['out tcp 8454 pl:suppliers', used('changedList')],
      ['out tcp 8455 pl:suppliers', stale('left over', 'asIfOld')],
    ],
  });
  const gate = site.host('branch-gate');
  const orders = site.host('orders');
  return [
    byShare('byFormerEntry', 0.3, 'an office at its old address', before(changedAt, callsFrom(OLD_BRANCH, gate, 8452))),
    byShare('toFormerEntry', 0.3, 'the same, opened by us', before(changedAt, callsTo(orders, OLD_SUPPLIER, 8454))),
  ];
}
