/** A small account that changes, written by hand, and its flow logs. Times are `10 12:00`: day of January 2026 and hour. */
import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import { madeEvent } from '../../shared/inventory/past/events.ts';
import { LOGS } from '../reconcile-usage/deployed-account.ts';
import type { Listed } from '../snapshot-groups/fake-account.ts';

const FIELDS =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status tcp-flags';
const FLOW_LOG = 'fl-00000001';
const ACCOUNT = '111122223333';
const REGION = 'eu-west-1';

/** By name, the interfaces' addresses. */
const ADDRESSES: Readonly<Record<string, string>> = { a: '10.0.0.10', b: '10.0.0.11', c: '10.0.0.12', e: '10.0.0.14' };

/** `eni-0000000a` for `a`. */
function interfaceId(name: string): string {
  return `eni-0000000${name}`;
}

/**
 * @param rules `used sg-a 5001`: `sgr-used` of the group lets TCP in on the port (`5001-5002` on two); `window=5` gives it a window of its own
 * @param interfaces `a sg-a,sg-b`
 */
export function account(rules: readonly string[], interfaces: readonly string[]): Listed {
  const VpcId = 'vpc-1';
  const groups = [...rules, ...interfaces.map((one) => `- ${one.split(' ')[1]!}`)].flatMap((one) =>
    one.split(' ')[1]!.split(','),
  );
  return {
    groups: [...new Set(groups)].map((GroupId) => ({ GroupId, GroupName: GroupId, VpcId })),
    rules: rules.map((text) => {
      const [name, GroupId, port = '', window] = text.split(' ');
      const Tags = window === undefined ? [] : [{ Key: 'stale-sg:window', Value: window.replace('window=', '') }];
      return awsRule(`in tcp ${port} 10.0.0.0/8`, { SecurityGroupRuleId: `sgr-${name!}`, GroupId, Tags });
    }),
    interfaces: interfaces.map((text) => {
      const [name = '', carried = ''] = text.split(' ');
      return {
        NetworkInterfaceId: interfaceId(name),
        InterfaceType: 'interface',
        VpcId,
        SubnetId: 'subnet-1',
        PrivateIpAddress: ADDRESSES[name],
        Groups: carried.split(',').map((GroupId) => ({ GroupId })),
      };
    }),
    flowLogs: [
      {
        FlowLogId: FLOW_LOG,
        ResourceId: VpcId,
        TrafficType: 'ALL',
        FlowLogStatus: 'ACTIVE',
        CreationTime: '2025-12-01T00:00:00Z',
        LogDestinationType: 's3',
        LogDestination: `arn:aws:s3:::${LOGS}`,
        LogFormat: FIELDS.split(' ')
          .map((field) => `\${${field}}`)
          .join(' '),
      },
    ],
    vpcs: [{ VpcId, CidrBlock: '10.0.0.0/16' }],
  };
}

/** What CloudTrail tells of an interface in `sg-c` that lived from then to then, UNIX seconds, and by which id it is asked. */
export function taskEvents(name: string, born: number, gone: number) {
  const networkInterfaceId = interfaceId(name);
  const networkInterface = {
    networkInterfaceId,
    vpcId: 'vpc-1',
    subnetId: 'subnet-1',
    interfaceType: 'interface',
    privateIpAddress: ADDRESSES[name],
    groupSet: { items: [{ groupId: 'sg-c' }] },
  };
  const made = madeEvent('CreateNetworkInterface', born, { name }, { networkInterface });
  const deleted = madeEvent('DeleteNetworkInterface', gone, { networkInterfaceId });
  return [made, deleted].map((event) => [event, networkInterfaceId] as const);
}

/**
 * The file of one day, in which the log is heard every hour.
 *
 * @param flows `a 5001 12:00`: a connection to the interface's port, with its reply
 */
export function dayOfLogs(day: string, flows: readonly string[]): Map<string, string> {
  const hours = Array.from({ length: 24 }, (_, hour) => {
    const end = Date.parse(day) / 1000 + hour * 3600 + 1800;
    return `2 ${ACCOUNT} ${interfaceId('e')} - - - - - - - ${end - 60} ${end} - NODATA -`;
  });
  return fileOf(day, [...hours, ...linesOf(day, flows)], 'whole');
}

/** A file of the same day that comes later. */
export function lateLogs(day: string, flows: readonly string[]): Map<string, string> {
  return fileOf(day, linesOf(day, flows), 'late');
}

function linesOf(day: string, flows: readonly string[]): string[] {
  return flows.flatMap((flow) => {
    const [to = '', port = '', time = ''] = flow.split(' ');
    const end = Date.parse(`${day}T${time}:00Z`) / 1000;
    const line = (ends: string, flags: number): string =>
      `2 ${ACCOUNT} ${interfaceId(to)} ${ends} 6 5 500 ${end - 60} ${end} ACCEPT OK ${flags}`;
    return [line(`10.9.9.9 ${ADDRESSES[to]!} 40000 ${port}`, 3), line(`${ADDRESSES[to]!} 10.9.9.9 ${port} 40000`, 19)];
  });
}

function fileOf(day: string, lines: readonly string[], name: string): Map<string, string> {
  const folder = `AWSLogs/${ACCOUNT}/vpcflowlogs/${REGION}/${day.replaceAll('-', '/')}`;
  const file = `${ACCOUNT}_vpcflowlogs_${REGION}_${FLOW_LOG}_${day.replaceAll('-', '')}T1200Z_${name}.log.gz`;
  return new Map([[`${folder}/${file}`, `${[FIELDS, ...lines].join('\n')}\n`]]);
}
