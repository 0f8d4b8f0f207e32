import { isoTime } from '../../../shared/time.ts';
import { awsInterface } from '../inventory/aws-interface.ts';
import { awsGroup } from '../inventory/aws-rules.ts';
import type { HiddenLife } from '../truth/hidden-interfaces.ts';
import type { World } from '../world/build-world.ts';
import type { Group, GroupSet, Interface, PrefixList } from '../world/entities.ts';
import { ACCOUNT_ID, REGION } from '../world/lay-out-network.ts';
import { asCaptured } from './as-recorded.ts';
import { interfaceBorn, ruleBorn } from './births.ts';

/** The recorder has been on since so long before the run. */
const RECORDED_DAYS = 200;
/** A state is captured so long after the change. */
const LATE_SECONDS = 90;

type Item = Readonly<Record<string, unknown>>;
type Status = 'ResourceDiscovered' | 'OK' | 'ResourceDeleted';

/** By resource type, a page of `aws configservice get-resource-config-history` with the states of all its resources. */
export function configPages(world: World, lives: readonly HiddenLife[], seed: number): Record<string, object> {
  const since = world.start - RECORDED_DAYS * 86_400;
  const page = (configurationItems: readonly Item[]): object => ({
    configurationItems,
    Recorder: { recording: true, lastStartTime: isoTime(since) },
  });
  const { groups, prefixLists } = world.built;
  const lists = [...prefixLists.values()].filter(({ ownerId }) => ownerId === ACCOUNT_ID);
  return {
    SecurityGroup: page([...groups.values()].flatMap((group) => ofGroup(world, group, since, seed))),
    PrefixList: page(lists.flatMap((list) => ofList(list, since))),
    NetworkInterface: page(ofInterfaces(world, lives, since, seed)),
  };
}

function ofGroup(world: World, group: Group, since: number, seed: number): Item[] {
  const born = world.built.rules.map((rule, index) => ({ rule, at: ruleBorn(world, seed, index) ?? -Infinity }));
  const own = born.filter(({ rule }) => rule.group === group);
  const times = own.flatMap(({ rule, at }) => [at, ...rule.contents.slice(1).map(({ from }) => from)]);
  const rules = (time: number) => own.filter(({ at }) => at <= time).map(({ rule }) => rule);
  return changesAfter(since, times).map((at) =>
    captured(
      'AWS::EC2::SecurityGroup',
      group.id,
      at,
      at === since ? 'ResourceDiscovered' : 'OK',
      awsGroup(group, rules(at), at),
    ),
  );
}

function ofList({ id, name, entries }: PrefixList, since: number): Item[] {
  const times = entries.flatMap(({ from, until }) => [from, until]);
  return changesAfter(since, times).map((at) => {
    const standing = entries.filter(({ from, until }) => from <= at && at < until);
    // Newer types keep the names of their CloudFormation schema.
    const Entries = standing.map(({ text }) => ({ Cidr: text }));
    const configuration = {
      PrefixListId: id,
      PrefixListName: name,
      AddressFamily: 'IPv4',
      OwnerId: ACCOUNT_ID,
      Entries,
    };
    return captured('AWS::EC2::PrefixList', id, at, at === since ? 'ResourceDiscovered' : 'OK', configuration);
  });
}

function ofInterfaces({ built, start }: World, lives: readonly HiddenLife[], since: number, seed: number): Item[] {
  const former = new Map(built.formerSelves.map(({ iface, until }) => [iface.id, { iface, until }]));
  const standing = built.interfaces.flatMap((iface): Item[] => {
    const before = former.get(iface.id);
    const born = interfaceBorn(start, seed, iface) ?? since;
    const first = ofInterface(iface, (before?.iface ?? iface).groups, born, 'ResourceDiscovered', born);
    return before ? [first, ofInterface(iface, iface.groups, before.until, 'OK', born)] : [first];
  });
  const gone = lives
    .filter(({ from, iface }) => from > -Infinity && !iface.inInventory)
    .flatMap(({ iface, from, until }): Item[] => [
      ofInterface(iface, iface.groups, from, 'ResourceDiscovered', from),
      captured('AWS::EC2::NetworkInterface', iface.id, until, 'ResourceDeleted', undefined),
    ]);
  return [...standing, ...gone];
}

function ofInterface(iface: Interface, groups: GroupSet, at: number, status: Status, born: number): Item {
  const described = awsInterface(iface, groups) as { readonly Attachment: object };
  const configuration = { ...described, Attachment: { ...described.Attachment, AttachTime: isoTime(born) } };
  return captured('AWS::EC2::NetworkInterface', iface.id, at, status, configuration);
}

/** Times of changes after the first state, and that of the first state. */
function changesAfter(since: number, times: readonly number[]): number[] {
  return [since, ...new Set(times.filter((time) => time > since && time < Infinity))].sort((a, b) => a - b);
}

function captured(
  resourceType: string,
  resourceId: string,
  at: number,
  status: Status,
  configuration: object | undefined,
): Item {
  const isSchema = resourceType === 'AWS::EC2::PrefixList';
  return {
    version: '1.3',
    accountId: ACCOUNT_ID,
    configurationItemCaptureTime: isoTime(at + LATE_SECONDS),
    configurationItemStatus: status,
    resourceType,
    resourceId,
    awsRegion: REGION,
    ...(configuration && { configuration: JSON.stringify(isSchema ? configuration : asCaptured(configuration)) }),
  };
}
