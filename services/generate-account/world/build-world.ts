import { Random } from '../random/random.ts';
import type { CheckedOptions } from '../options/options.ts';
import type { Cast } from './cast.ts';
import { castParts, countExtras } from './cast-parts.ts';
import type { Interface, Subnet } from './entities.ts';
import { addGroups } from './groups.ts';
import { layOutNetwork, type Network } from './lay-out-network.ts';
import { addEdgeRules } from './rules-of-edges.ts';
import { addPlatformRules } from './rules-of-platform.ts';
import { addTierRules } from './rules-of-tiers.ts';
import { addServices } from './services.ts';
import { WorldBuilder } from './world-builder.ts';

export interface World {
  /** Groups, rules, interfaces, lists and flow logs. */
  readonly built: WorldBuilder;
  readonly network: Network;
  readonly cast: Cast;
  /** UNIX seconds: the logs span [start, end). */
  readonly start: number;
  readonly end: number;
  /** When the rules of purpose `quiet` were used for the last time, at the latest. */
  readonly quietSince: number;
  /** When the rules of the partner API got their present content. */
  readonly editedAt: number;
  /** When groups were moved, lists changed and addresses given to others, in the situations that mislead. */
  readonly changedAt: number;
  /** A task on Fargate: an interface that no snapshot ever sees. */
  readonly newTask: () => Interface;
  /** Any other such interface; by default with the subnet's next address that is free again. */
  readonly newUnknown: (subnet: Subnet, groups: readonly string[], address?: string) => Interface;
}

export function buildWorld(options: CheckedOptions): World {
  const b = new WorldBuilder(new Random(options.seed, 'world'));
  const start = options.startSeconds;
  const end = start + options.minutes * 60;
  const quietSince = start + Math.floor(options.minutes * 0.4) * 60;
  const editedAt = start + Math.floor(options.minutes * 0.5) * 60;
  const changedAt = start + Math.floor(options.minutes * 0.7) * 60;

  const network = layOutNetwork(b);
  const partnerGroup = addGroups(b, network);
  for (const key of ['service-00', 'service-01']) b.group(network.prod, key, 'runs beside the tiers');
  addTierRules(b, quietSince);
  addPlatformRules(b);
  addEdgeRules(b, editedAt);

  const extras = countExtras(options.interfaces);
  const parts = castParts(b, network, partnerGroup, extras);
  const firstServices = [parts.web[0]!, parts.app[0]!] as const;
  const edges = addServices(b, network, firstServices, extras.services, options.rules);
  const machines = b.interfaces.filter((each) => each.groups.groups.some((group) => group.name === 'base'));

  const tasks = new Random(options.seed, 'tasks');
  let taskCount = 0;
  const newTask = (): Interface => {
    taskCount++;
    return b.makeInterface({
      subnet: network.subnets.tasks,
      groups: ['task'],
      inInventory: false,
      requesterId: 'amazon-ecs',
      // Addresses are used again, as in a real subnet, but only after all others.
      address: b.pool('tasks', network.subnets.tasks.cidr).at(4 + (taskCount % 4000)),
      id: `eni-0${tasks.hex(16)}`,
    });
  };
  let unknownCount = 0;
  const newUnknown = (subnet: Subnet, groups: readonly string[], address?: string): Interface => {
    unknownCount++;
    return b.makeInterface({
      subnet,
      groups,
      inInventory: false,
      // Beyond those of the inventory.
      address: address ?? b.pool(`${subnet.id} unknown`, subnet.cidr).at(200 + (unknownCount % 3800)),
      id: `eni-0${tasks.hex(16)}`,
    });
  };
  const cast = { ...parts, edges, machines };
  return { built: b, network, cast, start, end, quietSince, editedAt, changedAt, newTask, newUnknown };
}
