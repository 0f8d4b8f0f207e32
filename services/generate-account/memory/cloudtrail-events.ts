import { isoTime } from '../../../shared/time.ts';
import { awsInterface } from '../inventory/aws-interface.ts';
import { awsRule } from '../inventory/aws-rules.ts';
import type { HiddenLife } from '../truth/hidden-interfaces.ts';
import type { World } from '../world/build-world.ts';
import type { GroupSet, Interface, PrefixList, Rule } from '../world/entities.ts';
import { ACCOUNT_ID, REGION } from '../world/lay-out-network.ts';
import { asRecorded } from './as-recorded.ts';
import { interfaceBorn, ruleBorn } from './births.ts';

const DAY = 86_400;
/** CloudTrail keeps events for so long. */
const KEPT_DAYS = 90;

interface Happened {
  readonly at: number;
  readonly eventName: string;
  readonly by: string;
  readonly request: object | null;
  readonly response: object | null;
  readonly errorCode?: string;
}

const PEOPLE = ['alice', 'bob', 'carol'].map((name) => `arn:aws:iam::${ACCOUNT_ID}:user/${name}`);
const PIPELINE = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/Deploy/terraform`;
const FLEET = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling`;
const TASKS = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/AWSServiceRoleForECS/ecs-eni-provisioning`;

/**
 * Pages of `aws cloudtrail lookup-events` for the 90 days before the end of the run, one for each kind of event that happened,
 * asked for a quarter of an hour after the end. It leaves out what AWS leaves out: what a rule said before it was edited, the
 * groups that an interface had before they were changed, and whatever is older.
 *
 * @param asked names of all events that are asked for
 */
export function cloudTrailPages(
  world: World,
  lives: readonly HiddenLife[],
  seed: number,
  asked: readonly string[],
): object[] {
  const { end } = world;
  const begin = end - KEPT_DAYS * DAY;
  const all = [...ofRules(world, seed), ...ofInterfaces(world, lives, seed), ...ofLists(world)];
  const byName = Map.groupBy(
    all.filter(({ at }) => at >= begin && at <= end).sort((a, b) => b.at - a.at),
    ({ eventName }) => eventName,
  );
  return asked.map((eventName) => ({
    Events: (byName.get(eventName) ?? []).map((one, i) => listed(one, `${eventName}-${String(i)}`)),
    Lookup: {
      EventName: eventName,
      StartTime: isoTime(begin),
      EndTime: isoTime(end),
      AskedAt: isoTime(end + 900),
      Complete: true,
    },
  }));
}

function ofRules(world: World, seed: number): Happened[] {
  const { rules } = world.built;
  return rules.flatMap((rule, index): Happened[] => {
    const { id: groupId } = rule.group;
    const by = PEOPLE[index % PEOPLE.length]!;
    const born = ruleBorn(world, seed, index);
    const [first, ...edits] = rule.contents;
    const way = first!.direction === 'egress' ? 'Egress' : 'Ingress';
    const securityGroupRuleSet = born === undefined ? {} : asRecorded([awsRule(rule, born)]);
    const made = { eventName: `AuthorizeSecurityGroup${way}`, by, request: { groupId, ipPermissions: {} } };
    return [
      ...(born === undefined ? [] : [{ ...made, at: born, response: { _return: true, securityGroupRuleSet } }]),
      // A dry run that changed nothing.
      { ...made, at: world.end - 3600, response: null, errorCode: 'Client.DryRunOperation' },
      ...edits.map(({ from }) => edit(rule, from)),
    ];
  });
}

function edit(rule: Rule, at: number): Happened {
  const { SecurityGroupRuleId, IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } =
    awsRule(rule, at) as Record<string, unknown>;
  const { GroupId: ReferencedGroupId } = (ReferencedGroupInfo ?? {}) as Record<string, unknown>;
  const content = { IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId };
  const SecurityGroupRule = { SecurityGroupRuleId, tag: 1, SecurityGroupRule: content };
  return {
    at,
    eventName: 'ModifySecurityGroupRules',
    by: PIPELINE,
    request: { ModifySecurityGroupRulesRequest: { GroupId: rule.group.id, SecurityGroupRule } },
    response: { ModifySecurityGroupRulesResponse: { return: true } },
  };
}

function ofInterfaces({ built, start }: World, lives: readonly HiddenLife[], seed: number): Happened[] {
  const former = new Map(built.formerSelves.map(({ iface, until }) => [iface.id, { iface, until }]));
  const standing = built.interfaces.flatMap((iface): Happened[] => {
    const before = former.get(iface.id);
    const groups = (before?.iface ?? iface).groups;
    const born = interfaceBorn(start, seed, iface);
    return [
      ...(born === undefined ? [] : [birth(iface, groups, born)]),
      ...(before ? [move(iface, before.until)] : []),
    ];
  });
  const shortLived = lives
    .filter(({ from, iface }) => from > -Infinity && !iface.inInventory)
    .flatMap(({ iface, from, until }) => [birth(iface, iface.groups, from), end(iface, until)]);
  return [...standing, ...shortLived];
}

function birth(iface: Interface, groups: GroupSet, at: number): Happened {
  const networkInterface = asRecorded(awsInterface(iface, groups)) as object;
  if (iface.instanceId === undefined) {
    const request = { subnetId: iface.subnet.id, groupSet: asRecorded(groupIds(groups)) };
    return { at, eventName: 'CreateNetworkInterface', by: TASKS, request, response: { networkInterface } };
  }
  const attachment = { deviceIndex: 0, status: 'attaching', attachTime: at * 1000, deleteOnTermination: true };
  const networkInterfaceSet = { items: [{ ...networkInterface, attachment }] };
  const instancesSet = { items: [{ instanceId: iface.instanceId, networkInterfaceSet }] };
  return { at, eventName: 'RunInstances', by: FLEET, request: {}, response: { instancesSet } };
}

function end({ id: networkInterfaceId, instanceId }: Interface, at: number): Happened {
  return instanceId === undefined
    ? {
        at,
        eventName: 'DeleteNetworkInterface',
        by: TASKS,
        request: { networkInterfaceId },
        response: { _return: true },
      }
    : {
        at,
        eventName: 'TerminateInstances',
        by: FLEET,
        request: { instancesSet: { items: [{ instanceId }] } },
        response: {},
      };
}

function move({ id: networkInterfaceId, groups }: Interface, at: number): Happened {
  const request = { networkInterfaceId, groupSet: asRecorded(groupIds(groups)) };
  return { at, eventName: 'ModifyNetworkInterfaceAttribute', by: PEOPLE[0]!, request, response: { _return: true } };
}

function groupIds({ groups }: GroupSet): object[] {
  return groups.map(({ id }) => ({ GroupId: id }));
}

/** Of lists of AWS nothing is told. */
function ofLists({ built }: World): Happened[] {
  return [...built.prefixLists.values()].filter(({ ownerId }) => ownerId === ACCOUNT_ID).flatMap(changesOf);
}

function changesOf({ id: PrefixListId, entries }: PrefixList): Happened[] {
  const times = [...new Set(entries.flatMap(({ from, until }) => [from, until]))].filter((time) =>
    Number.isFinite(time),
  );
  return times.map((at) => {
    const [AddEntry, RemoveEntry] = (['from', 'until'] as const).map((key) => {
      const some = entries.filter((entry) => entry[key] === at).map(({ text }, i) => ({ Cidr: text, tag: i + 1 }));
      return some.length === 1 ? some[0] : some.length === 0 ? undefined : some;
    });
    return {
      at,
      eventName: 'ModifyManagedPrefixList',
      by: PIPELINE,
      request: { ModifyManagedPrefixListRequest: { PrefixListId, AddEntry, RemoveEntry } },
      response: {},
    };
  });
}

function listed({ at, eventName, by, request, response, errorCode }: Happened, EventId: string): object {
  const record = {
    eventVersion: '1.10',
    userIdentity: { type: by.includes(':user/') ? 'IAMUser' : 'AssumedRole', arn: by, accountId: ACCOUNT_ID },
    eventTime: isoTime(at),
    eventSource: 'ec2.amazonaws.com',
    eventName,
    awsRegion: REGION,
    ...(errorCode && { errorCode }),
    requestParameters: request,
    responseElements: response,
    eventID: EventId,
    recipientAccountId: ACCOUNT_ID,
  };
  return { EventId, EventName: eventName, EventTime: isoTime(at), CloudTrailEvent: JSON.stringify(record) };
}
