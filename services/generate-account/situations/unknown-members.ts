import type { PlayedKind } from '../kinds/recipe.ts';
import { primary, type Stage } from '../kinds/stage.ts';
import type { Interface } from '../world/entities.ts';
import { redundant, stale, USED, used } from '../world/purposes.ts';
import { after, before, byShare, calls, callsTo, type Site } from './site.ts';

/** Seconds that a member of an auto scaling group lives. */
const LIFE = 240;
const UPLINK = '198.19.10.0/24';

/**
 * Auto scaling: members of a group live for minutes, and no snapshot shows one. One member is always there and does
 * something else; what the others do needs the rules of their group, and a peer's rule that names it. Some carry a group
 * whose rule, on all interfaces that are known, a wider one covers.
 */
export function unknownMembers(site: Site, share: number): PlayedKind[] {
  const unknown = used('unknownInterface');
  const fleet = site.subnet('fleet', '10.20.32.0/20');
  site.groups({
    fleet: [
      ['in tcp 8090 sg:dispatcher', unknown],
      ['out tcp 5671 sg:queue', unknown],
      [`out tcp 8883 ${UPLINK}`, unknown],
      ['in tcp 3388 10.20.0.0/16', stale('members are replaced, not mended')],
      [`out tcp 2525 ${UPLINK}`, stale('mail goes through SES')],
    ],
    dispatcher: [
      ['out tcp 8090 sg:fleet', unknown],
      ['out tcp 8456 10.20.0.0/16', USED],
      ['out tcp 8092 sg:fleet', stale('the second API is gone')],
    ],
    queue: [
      ['in tcp 5671 sg:fleet', unknown],
      ['in tcp 15672 10.20.0.0/16', stale('the management page is off')],
    ],
    narrow: [['in tcp 8456 10.20.0.0/16', unknown]],
    wide: [
      ['in tcp 8456 10.0.0.0/8', redundant('narrow|in tcp 8456 10.20.0.0/16')],
      ['in tcp 8457 10.0.0.0/8', stale('left over')],
    ],
  });
  site.host('fleet', { subnet: fleet });
  const dispatcher = site.host('dispatcher');
  const queue = site.host('queue');
  const both = site.host('narrow wide', { subnet: fleet });

  const member = (stage: Stage, group: string): { readonly iface: Interface; readonly born: number } => {
    const born = stage.slot.from + stage.random.below(Math.max(1, stage.slot.to - stage.slot.from - LIFE));
    return { iface: stage.newUnknown(born, born + LIFE, fleet, [group]), born };
  };
  return [
    byShare('unknownMember', 0.8 * share, 'members of a group that live between two snapshots', (stage) => {
      const { iface, born } = member(stage, 'fleet');
      const during = () => {
        const opened = born + stage.random.below(Math.min(LIFE, stage.slot.to - born) - 20);
        return { opened, closed: opened + stage.random.below(8) };
      };
      return (
        stage.tcp(primary(dispatcher), primary(iface), 8090, during()) +
        stage.tcp(primary(iface), primary(queue), 5671, during()) +
        stage.tcp(primary(iface), stage.outsiders.within(UPLINK, 7, 'internet'), 8883, during())
      );
    }),
    byShare('unknownWithoutCover', 0.2 * share, 'the same, without the rule that covers theirs elsewhere', (stage) => {
      const { iface, born } = member(stage, 'narrow');
      return stage.tcp(primary(dispatcher), primary(iface), 8456, { opened: born, closed: born + 3 });
    }),
    byShare('coveredOnKnown', 0.3, 'the known interface, where both rules admit', calls(dispatcher, both, 8456)),
  ];
}

/** A batch task ran at an address that a machine of today was given since, beside a machine for batches that is idle. */
export function reusedAddress(site: Site): PlayedKind[] {
  const { changedAt } = site.world;
  site.groups({
    batch: [
      ['out tcp 5433 sg:ledger', used('unknownInterface')],
      [`out tcp 9092 ${UPLINK}`, used('unknownInterface')],
    ],
    ledger: [
      ['in tcp 5433 sg:batch', used('addressReused'), 'nightly batch'],
      ['in tcp 5433 sg:successor', stale('it never did; but it has the address of one that did', false)],
      ['in tcp 3307 10.20.0.0/16', stale('left over')],
    ],
    successor: [
      [`out tcp 8883 ${UPLINK}`, USED],
      ['in tcp 8021 10.20.0.0/16', stale('unused, but the interface is young', false)],
    ],
  });
  site.host('batch');
  const ledger = site.host('ledger');
  const successor = site.idle('successor', { attachedAt: changedAt });
  const { text } = primary(successor);
  return [
    byShare(
      'addressBefore',
      0.4,
      'a task whose address is another interface’s by now',
      before(changedAt, (stage) => {
        const { slot } = stage;
        if (stage.turn('addressBefore') > 0) return 0;
        const task = stage.newUnknown(slot.from, slot.to, site.machines, ['batch'], text);
        const uplink = stage.outsiders.within(UPLINK, 7, 'internet');
        return stage.tcp(primary(task), primary(ledger), 5433) + stage.tcp(primary(task), uplink, 9092);
      }),
    ),
    byShare(
      'addressAfter',
      0.3,
      'the interface that has the address today',
      after(changedAt, callsTo(successor, UPLINK, 8883)),
    ),
  ];
}
