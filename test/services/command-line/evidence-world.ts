import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import type { Files } from './scratch.ts';

const ACCOUNT = '111122223333';
/** 2026-01-01T00:00:00Z */
const FIRST = Date.UTC(2026, 0, 1) / 1000;

/** Format of the lines that end in ` | <vpc-id> <tcp-flags> <pkt-srcaddr> <pkt-dstaddr> <flow-direction>`. */
const LONG =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status ' +
  'vpc-id tcp-flags pkt-srcaddr pkt-dstaddr flow-direction';

/**
 * A tiny account and some days of its logs from 2026-01-01 on. Two groups are always there: `sg-a` on `eni-1`
 * (10.0.0.10, subnet-1) and `sg-b` on `eni-2` (10.0.1.10, subnet-2), both in vpc-1.
 */
export interface World {
  /** By name, for the rule `sgr-<name>`: group and the shorthand of `awsRule`. */
  readonly rules: Readonly<Record<string, string>>;
  /** By rule name: its tag for a window of its own. */
  readonly windowTags?: Readonly<Record<string, string>>;
  /** More groups: `<group> <vpc>`. */
  readonly groups?: readonly string[];
  /** More interfaces: `<interface> <vpc> <subnet> <address> <group> [<type>]`. */
  readonly interfaces?: readonly string[];
  /** `<flow log> <resource> <traffic type>[ <creation time>]`. */
  readonly flowLogs: readonly string[];
  /** How many, at most 31; 10 by default. */
  readonly days?: number;
  /** Fields of vpc-1 as AWS prints them; left out: there is no vpcs.json. */
  readonly vpc?: Readonly<Record<string, unknown>>;
  /**
   * By flow log, the lines of each day's file: `<n>x` in front repeats a line, `@<first>-<last>` limits it to those
   * days, then `<interface> <source>:<port> > <destination>:<port> <protocol> [<action>]` or `<interface> NODATA`
   * (or SKIPDATA), in the first hour. A log that tells of a day is heard in its other hours too, of an interface that the
   * inventory does not know.
   */
  readonly logs: Readonly<Record<string, readonly string[]>>;
}

/** Rules of the two groups of every world, for worlds that are not about what rules say. */
export const WEB_AND_SSH = { a: 'sg-a in tcp 443 0.0.0.0/0', b: 'sg-b in tcp 22 0.0.0.0/0' };
export const VISIT = 'eni-1 203.0.113.5:50000 > 10.0.0.10:443 6';
export const SSH = 'eni-2 203.0.113.5:50000 > 10.0.1.10:22 6';

/** Files below `inventory/` and `logs/`. */
export function filesOf(world: World): Files {
  const days = Array.from({ length: world.days ?? 10 }, (_, i) => i + 1);
  const groups = ['sg-a vpc-1', 'sg-b vpc-1', ...(world.groups ?? [])].map((text) => {
    const [GroupId, VpcId] = text.split(' ');
    return { GroupId, VpcId, GroupName: GroupId, OwnerId: ACCOUNT };
  });
  const interfaces = [
    'eni-1 vpc-1 subnet-1 10.0.0.10 sg-a',
    'eni-2 vpc-1 subnet-2 10.0.1.10 sg-b',
    ...(world.interfaces ?? []),
  ];
  return {
    'inventory/security-groups.json': { SecurityGroups: groups },
    'inventory/security-group-rules.json': { SecurityGroupRules: rulesOf(world) },
    'inventory/network-interfaces.json': { NetworkInterfaces: interfaces.map(interfaceOf) },
    'inventory/flow-logs.json': { FlowLogs: world.flowLogs.map(flowLogOf) },
    'inventory/vpcs.json': world.vpc && { Vpcs: [{ VpcId: 'vpc-1', ...world.vpc }] },
    ...Object.fromEntries(
      Object.entries(world.logs).flatMap(([log, lines]) => days.map((day) => logFile(log, day, lines))),
    ),
  };
}

function rulesOf({ rules, windowTags = {} }: World): object[] {
  return Object.entries(rules).map(([name, text]) => {
    const [GroupId, ...rule] = text.split(' ');
    const tag = windowTags[name];
    const Tags = tag === undefined ? [] : [{ Key: 'stale-sg:window', Value: tag }];
    return awsRule(rule.join(' '), { SecurityGroupRuleId: `sgr-${name}`, GroupId, GroupOwnerId: ACCOUNT, Tags });
  });
}

function interfaceOf(text: string): object {
  const [NetworkInterfaceId, VpcId, SubnetId, PrivateIpAddress, GroupId, InterfaceType = 'interface'] = text.split(' ');
  return { NetworkInterfaceId, VpcId, SubnetId, PrivateIpAddress, InterfaceType, Groups: [{ GroupId }] };
}

function flowLogOf(text: string): object {
  const [, FlowLogId, ResourceId, TrafficType, CreationTime = '2025-01-01T00:00:00Z'] =
    /^(\S+) (\S+) (\S+)(?: (.+))?$/.exec(text)!;
  return {
    FlowLogId,
    ResourceId,
    TrafficType,
    CreationTime,
    FlowLogStatus: 'ACTIVE',
    DeliverLogsStatus: 'SUCCESS',
  };
}

function logFile(log: string, day: number, shorthands: readonly string[]): [name: string, text: string | undefined] {
  const lines = shorthands.flatMap((shorthand) => linesOf(shorthand, day));
  const isLong = shorthands.some((one) => one.includes('|'));
  const header = isLong ? [LONG] : [];
  const name = `logs/${ACCOUNT}_vpcflowlogs_eu-central-1_${log}_202601${String(day).padStart(2, '0')}T0010Z_abcd.log`;
  return [name, lines.length === 0 ? undefined : [...header, ...lines, ...laterHours(day, isLong), ''].join('\n')];
}

const LINE = /^(?:(\d+)x )?(?:@(\d+)-(\d+) )?(\S+) (?:(NODATA|SKIPDATA)|(\S+):(\d+) > (\S+):(\d+) (\d+)(?: (\w+))?)/;

function linesOf(shorthand: string, day: number): string[] {
  const match = LINE.exec(shorthand);
  if (!match) throw new Error(`no line: ${shorthand}`);
  const [, times = '1', first = '1', last = '31', owner, status, ...flow] = match;
  if (day < Number(first) || day > Number(last)) return [];
  const [source, sourcePort, destination, destinationPort, protocol, action = 'ACCEPT'] = flow;
  const more = shorthand.split(' |')[1] ?? '';
  const end = endIn(day, 0);
  const what =
    status === undefined
      ? `${source} ${destination} ${sourcePort} ${destinationPort} ${protocol} 5 500 ${end - 60} ${end} ${action} OK`
      : withoutTraffic(end, status);
  return Array.from({ length: Number(times) }, () => `2 ${ACCOUNT} ${owner} ${what}${more}`);
}

function laterHours(day: number, isLong: boolean): string[] {
  const more = isLong ? ' - - - - -' : '';
  return Array.from({ length: 23 }, (_, i) => {
    return `2 ${ACCOUNT} eni-quiet ${withoutTraffic(endIn(day, i + 1), 'NODATA')}${more}`;
  });
}

function endIn(day: number, hour: number): number {
  return FIRST + (day - 1) * 86_400 + hour * 3600 + 700;
}

function withoutTraffic(end: number, status: string): string {
  return `- - - - - - - ${end - 60} ${end} - ${status}`;
}
