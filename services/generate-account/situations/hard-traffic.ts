import type { PlayedKind } from '../kinds/recipe.ts';
import { primary } from '../kinds/stage.ts';
import type { World } from '../world/build-world.ts';
import { changedLists, movedGroups } from './changes.ts';
import { clocksAndNames, lustre, networkFiles, telephony, traps } from './kept-ports.ts';
import { firewall, transitGateway } from './middleboxes.ts';
import { activeFtp, datagramServers, lateAnswers } from './servers-that-speak.ts';
import { hoursNotHeard, idleInterfaces, rareUse, warmStandby } from './silences.ts';
import { byShare, Site } from './site.ts';
import { reusedAddress, unknownMembers } from './unknown-members.ts';

/** What the shares of the usual traffic add up to. */
const USUAL_SHARES = 100;

const SITUATIONS: readonly ((site: Site) => PlayedKind[])[] = [
  reusedAddress,
  firewall,
  transitGateway,
  movedGroups,
  changedLists,
  warmStandby,
  rareUse,
  hoursNotHeard,
  clocksAndNames,
  traps,
  lustre,
  networkFiles,
  telephony,
  activeFtp,
  datagramServers,
  lateAnswers,
  // Last: it looks for all VPCs.
  idleInterfaces,
];

/**
 * Adds to a world what misleads whoever reads its logs, and says what traffic it has. Beside the rules that are needed in
 * each situation stand some that are not, in groups that the logs show well.
 */
export function hardTraffic(world: World, unknownPercent: number): PlayedKind[] {
  const site = new Site(world);
  const traffic = SITUATIONS.flatMap((situation) => situation(site));
  const scraped = byShare('scrapeOfAll', 1.5, 'every host is seen at work', (stage) => {
    const host = site.hosts[stage.turnOfRun('scraped') % site.hosts.length]!;
    return stage.tcp(primary(world.cast.bastion), primary(host), 9100, { seconds: 1, backward: 20 });
  });
  const known = [...traffic, scraped].reduce((sum, { share }) => sum + share, USUAL_SHARES);
  const unknown = (known * unknownPercent) / (100 - unknownPercent);
  return [...traffic, ...(unknown > 0 ? unknownMembers(site, unknown) : []), scraped];
}
