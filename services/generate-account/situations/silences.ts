import type { PlayedKind, Recipe } from '../kinds/recipe.ts';
import { primary } from '../kinds/stage.ts';
import { hourOf } from '../options/slots.ts';
import { dayOf } from '../../../shared/time.ts';
import { ON_PREMISES } from '../world/lay-out-network.ts';
import { awaited, stale, USED, used } from '../world/purposes.ts';
import { byShare, callsFrom, callsTo, everySlot, type Site } from './site.ts';

/** A warm standby for a disaster: not a packet yet. */
export function warmStandby(site: Site): PlayedKind[] {
  const standing = awaited('warmStandby');
  site.groups({
    recovery: [
      ['in tcp 5438 10.20.0.0/16', standing],
      ['out tcp 8459 198.19.13.0/24', standing],
    ],
  });
  site.idle('recovery');
  return [];
}

/** Interfaces of every VPC say every hour that they have nothing to say, so that every flow log is heard. */
export function idleInterfaces(site: Site): PlayedKind[] {
  const { built, cast, network } = site.world;
  // The log of `legacy` tells of rejected traffic only.
  const heard = built.vpcs.filter((vpc) => vpc !== network.legacy);
  const spares = heard.map((vpc) => {
    const group = `spare-${vpc.name}`;
    site.groups({ [group]: [['in tcp 8460 10.0.0.0/8', awaited('warmStandby')]] }, vpc);
    return site.idle(group, { subnet: built.subnets.findLast((subnet) => subnet.vpc === vpc)! });
  });
  const idle = [...spares, cast.standby[0]!];
  return [
    everySlot('idle', 'every flow log is heard every hour', (stage) =>
      idle.reduce((sum, iface) => sum + stage.gap(iface, 'NODATA', stage.slot.from), 0),
    ),
  ];
}

const EVERY_DAYS = 3;

/** At one hour of the first, fourth … day of the run, and once in all the run. */
export function rareUse(site: Site): PlayedKind[] {
  const rare = used('rareUse');
  site.groups({
    archive: [
      [`in tcp 873 ${ON_PREMISES}`, rare, 'copy, every three days'],
      [`out tcp 8461 ${ON_PREMISES}`, rare, 'end of month'],
      [`in tcp 8730 ${ON_PREMISES}`, stale('left over')],
      [`out tcp 873 ${ON_PREMISES}`, stale('left over')],
    ],
  });
  const archive = site.host('archive');
  const { start, end } = site.world;
  const firstDay = dayOf(start);
  const monthEnd = start + 0.6 * (end - start);
  return [
    everySlot('everyThreeDays', 'a copy that runs at one hour, every three days', (stage) => {
      const { from } = stage.slot;
      const isDue = hourOf(from) === 3 && (dayOf(from) - firstDay) % EVERY_DAYS === 0 && stage.turn('copy') === 0;
      return isDue ? callsFrom(ON_PREMISES, archive, 873)(stage) : 0;
    }),
    everySlot('onceAMonth', 'one connection in all the run', (stage) =>
      stage.slot.from >= monthEnd && stage.turnOfRun('once a month') === 0
        ? callsTo(archive, ON_PREMISES, 8461)(stage)
        : 0,
    ),
  ];
}

/** Of one flow log only the files of six hours of each day are here, as where copying them was cut short. */
export function hoursNotHeard(site: Site): PlayedKind[] {
  const { b } = site;
  const { ownerId } = site.world.network.prod;
  const branch = b.vpc('branch', ownerId, ['10.41.0.0/16']);
  b.flowLog(branch.id, 'ALL', 60, b.id('fl'), true, { from: 0, until: 6 });
  const shop = b.subnet(branch, 'shop', '10.41.16.0/20');
  site.groups(
    {
      kiosk: [
        ['in tcp 443 10.41.0.0/16', USED],
        ['in tcp 8095 10.41.0.0/16', used('hoursNotHeard'), 'every day at 14:00'],
        ['in tcp 8096 10.41.0.0/16', stale('unused, but most hours are missing', false)],
      ],
    },
    branch,
  );
  const kiosk = site.idle('kiosk', { subnet: shop });
  const visit =
    (port: number): Recipe =>
    (stage) =>
      stage.tcp(stage.outsiders.within('10.41.7.0/24', 7, 'vpc'), primary(kiosk), port);
  return [
    byShare('hourHeard', 0.3, 'what the six hours show', (stage) =>
      hourOf(stage.slot.from) < 6 ? visit(443)(stage) : 0,
    ),
    everySlot('hourNotHeard', 'what happens at another hour', (stage) =>
      hourOf(stage.slot.from) === 14 ? visit(8095)(stage) : 0,
    ),
  ];
}
