import { hashPair } from '../random/random.ts';
import { isoTime } from '../../../shared/time.ts';
import type { GroupSet, Interface } from '../world/entities.ts';
import { REGION } from '../world/lay-out-network.ts';

/** An item of `aws ec2 describe-network-interfaces`, with the groups of the time. */
export function awsInterface(iface: Interface, groups: GroupSet): object {
  const primaryAddress = iface.endpoints[0]!.text;
  const { publicAddress, requesterId } = iface;
  const association = publicAddress === undefined ? {} : { Association: associationOf(publicAddress, requesterId) };
  return {
    ...association,
    Attachment: {
      AttachTime: iface.attachedAt === undefined ? '2025-06-02T08:15:31+00:00' : isoTime(iface.attachedAt),
      DeleteOnTermination: requesterId === undefined,
      DeviceIndex: requesterId === undefined ? 0 : 1,
      ...(iface.instanceId === undefined
        ? { InstanceOwnerId: requesterId }
        : { InstanceId: iface.instanceId, InstanceOwnerId: iface.subnet.vpc.ownerId }),
      Status: 'attached',
    },
    AvailabilityZone: `${REGION}${iface.subnet.zone}`,
    Description: iface.description,
    Groups: groups.groups.map(({ id, name }) => ({ GroupId: id, GroupName: name })),
    InterfaceType: iface.type,
    Ipv6Addresses: iface.ipv6 ? [{ Ipv6Address: iface.ipv6.text, IsPrimaryIpv6: false }] : [],
    ...(iface.prefixes.length === 0 ? {} : { Ipv4Prefixes: iface.prefixes.map((block) => ({ Ipv4Prefix: block })) }),
    MacAddress: macAddress(iface.index),
    NetworkInterfaceId: iface.id,
    OwnerId: iface.subnet.vpc.ownerId,
    PrivateDnsName: dnsName(primaryAddress),
    PrivateIpAddress: primaryAddress,
    PrivateIpAddresses: [primaryAddress, ...iface.secondaries].map((address, i) => ({
      ...(i === 0 ? association : {}),
      Primary: i === 0,
      PrivateDnsName: dnsName(address),
      PrivateIpAddress: address,
    })),
    ...(requesterId === undefined ? {} : { RequesterId: requesterId }),
    RequesterManaged: requesterId !== undefined,
    SourceDestCheck: iface.type !== 'nat_gateway' && !iface.groups.groups.some((group) => group.name === 'vpn'),
    Status: 'in-use',
    SubnetId: iface.subnet.id,
    TagSet: [],
    VpcId: iface.subnet.vpc.id,
  };
}

function associationOf(publicAddress: string, requesterId: string | undefined): object {
  const name = `ec2-${publicAddress.replaceAll('.', '-')}.${REGION}.compute.amazonaws.com`;
  return { IpOwnerId: requesterId ?? 'amazon', PublicDnsName: name, PublicIp: publicAddress };
}

function dnsName(address: string): string {
  return `ip-${address.replaceAll('.', '-')}.${REGION}.compute.internal`;
}

function macAddress(index: number): string {
  const digits = `02${hashPair(index, 1).toString(16).padStart(8, '0')}${(index % 256).toString(16).padStart(2, '0')}`;
  return digits.match(/../g)!.join(':');
}
