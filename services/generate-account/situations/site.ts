import type { PlayedKind, Recipe } from '../kinds/recipe.ts';
import { primary, type Stage } from '../kinds/stage.ts';
import { AddressPool } from '../world/address-pool.ts';
import type { World } from '../world/build-world.ts';
import type { Endpoint, Interface, Subnet, Vpc } from '../world/entities.ts';
import { ON_PREMISES } from '../world/lay-out-network.ts';
import { stale, USED } from '../world/purposes.ts';
import { endpoint, type InterfaceOptions, type RuleRow, type WorldBuilder } from '../world/world-builder.ts';

/** Groups by name with their rules, which may name each other. */
type GroupTable = Readonly<Record<string, readonly RuleRow[]>>;

/** What logs without flags, and protocols without ports, make look used. */
export const DEFAULT_EGRESS: RuleRow = ['out all 0.0.0.0/0', stale('servers open nothing', false), 'default'];

/** Where situations are built: VPC `prod` of the world, with subnets of their own. */
export class Site {
  readonly world: World;
  /** Machines of the situations. */
  readonly machines: Subnet;
  /** Hosts in `prod`: all of them are scraped, so that each is known to be busy. */
  readonly hosts: Interface[] = [];

  constructor(world: World) {
    this.world = world;
    this.machines = this.subnet('machines', '10.20.144.0/20');
    // On all hosts: with an egress rule, none of theirs would ever admit anything alone.
    this.b.group(world.network.prod, 'watched', 'watched');
    this.b.addRules('watched', [['in tcp 9100 sg:monitor', USED, 'node exporter']]);
  }

  get b(): WorldBuilder {
    return this.world.built;
  }

  /** In `prod`, at a block that no other subnet has: see `layOutNetwork` too. */
  subnet(name: string, cidr: string, zone = 'a'): Subnet {
    return this.b.subnet(this.world.network.prod, name, cidr, zone);
  }

  /** One in two of those without egress rules keeps what AWS gives to each new group. */
  groups(table: GroupTable, vpc: Vpc = this.world.network.prod): void {
    for (const name of Object.keys(table)) this.b.group(vpc, name, name);
    for (const [name, rows] of Object.entries(table)) {
      const hasEgress = rows.some(([text]) => text.startsWith('out '));
      this.b.addRules(name, hasEgress || this.b.random.chance(0.5) ? rows : [...rows, DEFAULT_EGRESS]);
    }
  }

  /** A host in `prod` with these groups, by blanks. */
  host(groups: string, options: Partial<InterfaceOptions> = {}): Interface {
    const host = this.idle(`${groups} watched`, options);
    this.hosts.push(host);
    return host;
  }

  /** An interface that nobody scrapes. */
  idle(groups: string, options: Partial<InterfaceOptions> = {}): Interface {
    const names = groups === '' ? [] : groups.split(' ');
    return this.b.addInterface({
      subnet: this.machines,
      description: 'Primary network interface',
      ...options,
      groups: names,
    });
  }
}

/** Played whenever it lags behind its share, in percent of the records of the usual traffic. */
export function byShare(kind: string, share: number, why: string, recipe: Recipe): PlayedKind {
  return { kind, share, why, recipe, played: 'byShare' };
}

/** Played once at the beginning of each slot. */
export function everySlot(kind: string, why: string, recipe: Recipe): PlayedKind {
  return { kind, share: 0, why, recipe, played: 'everySlot' };
}

/** TCP connections from one end to another. */
export function calls(opener: Interface, server: Interface, port: number): Recipe {
  return (stage) => stage.tcp(primary(opener), primary(server), port);
}

function outside({ outsiders }: Stage, block: string): Endpoint {
  return outsiders.within(block, 7, block === ON_PREMISES ? 'onPremises' : 'internet');
}

/** From anywhere in a block outside of the account. */
export function callsFrom(block: string, server: Interface, port: number): Recipe {
  return (stage) => stage.tcp(outside(stage, block), primary(server), port);
}

/** To anywhere in a block outside of the account. */
export function callsTo(opener: Interface, block: string, port: number): Recipe {
  return (stage) => stage.tcp(primary(opener), outside(stage, block), port);
}

/** The addresses of a block in turn: none of them comes again before all others had theirs. */
export function inTurn(block: string): (turn: number) => Endpoint {
  const pool = new AddressPool(block);
  return (turn) => endpoint(pool.at(1 + (turn % 250)), 'internet');
}

/** In slots that end before a change. */
export function before(time: number, recipe: Recipe): Recipe {
  return (stage) => (stage.slot.to > time ? 0 : recipe(stage));
}

/** In slots that begin so long after a change that no window holds both. */
export function after(time: number, recipe: Recipe): Recipe {
  return (stage) => (stage.slot.from < time + 60 ? 0 : recipe(stage));
}
