import { fieldsOf } from '../logs/fields.ts';
import type { GenerateFormat } from '../options/options.ts';
import type { FlowLog, PrefixList, Vpc } from '../world/entities.ts';
import { ACCOUNT_ID, REGION } from '../world/lay-out-network.ts';

/** An item of `aws ec2 describe-flow-logs`. All of them are older than any run. */
export function awsFlowLog(log: FlowLog, format: GenerateFormat): object {
  return {
    CreationTime: '2025-06-02T08:00:00.000000+00:00',
    ...(log.delivers ? {} : { DeliverLogsErrorMessage: 'Access error' }),
    DeliverLogsStatus: log.delivers ? 'SUCCESS' : 'FAILED',
    FlowLogId: log.id,
    FlowLogStatus: 'ACTIVE',
    ResourceId: log.resourceId,
    TrafficType: log.trafficType,
    LogDestinationType: 's3',
    LogDestination: 'arn:aws:s3:::example-flow-logs',
    LogFormat: fieldsOf(format)
      .map(({ name }) => `\${${name}}`)
      .join(' '),
    Tags: [],
    MaxAggregationInterval: log.windowSeconds,
    DestinationOptions: {
      FileFormat: format === 'parquet' ? 'parquet' : 'plain-text',
      HiveCompatiblePartitions: false,
      PerHourPartition: false,
    },
  };
}

/** An item of `aws ec2 describe-managed-prefix-lists`. */
export function awsPrefixList(list: PrefixList): object {
  const isOurs = list.ownerId !== 'AWS';
  const version = list.entries.some(({ from }) => from > -Infinity) ? 2 : 1;
  return {
    PrefixListId: list.id,
    AddressFamily: 'IPv4',
    ...(isOurs ? { State: 'create-complete', MaxEntries: 10, Version: version } : {}),
    PrefixListArn: `arn:aws:ec2:${REGION}:${isOurs ? ACCOUNT_ID : 'aws'}:prefix-list/${list.id}`,
    PrefixListName: isOurs ? list.name : awsName(list.name),
    Tags: [],
    OwnerId: list.ownerId,
  };
}

function awsName(name: string): string {
  return name === 'cloudfront' ? 'com.amazonaws.global.cloudfront.origin-facing' : `com.amazonaws.${REGION}.${name}`;
}

/** An item of `aws ec2 describe-vpcs`. */
export function awsVpc(vpc: Vpc): object {
  return {
    OwnerId: vpc.ownerId,
    InstanceTenancy: 'default',
    ...(vpc.ipv6Cidr === undefined
      ? {}
      : {
          Ipv6CidrBlockAssociationSet: [
            {
              AssociationId: `vpc-cidr-assoc-${vpc.id.slice(4)}6`,
              Ipv6CidrBlock: vpc.ipv6Cidr,
              Ipv6CidrBlockState: { State: 'associated' },
            },
          ],
        }),
    CidrBlockAssociationSet: vpc.cidrs.map((cidr, i) => ({
      AssociationId: `vpc-cidr-assoc-${vpc.id.slice(4)}${i}`,
      CidrBlock: cidr,
      CidrBlockState: { State: 'associated' },
    })),
    IsDefault: false,
    Tags: [{ Key: 'Name', Value: vpc.name }],
    VpcId: vpc.id,
    State: 'available',
    CidrBlock: vpc.cidrs[0],
    DhcpOptionsId: 'dopt-0123456789abcdef0',
  };
}
