import {
  type Address,
  type Prefix,
  formatPrefix,
  hostPrefix,
  parseAddress,
  parsePrefix,
} from '../addresses/address.ts';
import type { AwsInterface } from './aws-shapes.ts';
import { secondsFromAws } from './aws-time.ts';
import { compareText } from '../text/compare.ts';
import type { NetworkInterface } from './inventory.ts';

import { shown } from '../text/plain.ts';

/**
 * The interface with all its private addresses, the primary one first, then its delegated prefixes; each once.
 * What is not an address is left out and told through `problem`: a flow to it then has no known interface end, and as a
 * group member it is an address of no interface, which a rule *could* admit; neither makes a rule stale.
 */
export function interfaceFromAws(raw: AwsInterface, problem: (text: string) => void): NetworkInterface {
  const groupIds = [...new Set(raw.Groups.map(({ GroupId }) => GroupId))].sort(compareText);
  const leaveOut = (text: string, what: string): void =>
    problem(
      `network interface ${shown(raw.NetworkInterfaceId)}: ${shown(text)} is not a valid ${what} and is left out: traffic of this ` +
        `address is not credited, and rules of or about its groups (${groupIds.map(shown).join(', ') || 'none'}) ` +
        'may be used more than is shown',
    );
  const prefixes = new Map<string, Prefix>();
  const add = (prefix: Prefix): unknown => prefixes.set(formatPrefix(prefix), prefix);

  const addresses = addressTexts(raw);
  let primary: Address | undefined;
  for (const [index, text] of addresses.entries()) {
    const address = parseAddress(text);
    if (index === 0) primary = address;
    if (address) add(hostPrefix(address));
    else leaveOut(text, 'address');
  }
  const delegated = [...raw.Ipv4Prefixes.map((p) => p.Ipv4Prefix), ...raw.Ipv6Prefixes.map((p) => p.Ipv6Prefix)];
  for (const text of delegated.filter(isText)) {
    const prefix = parsePrefix(text);
    if (prefix) add(prefix);
    else leaveOut(text, 'prefix');
  }

  return {
    interfaceId: raw.NetworkInterfaceId,
    vpcId: raw.VpcId,
    subnetId: raw.SubnetId,
    type: raw.InterfaceType,
    groupIds,
    primary,
    prefixes: [...prefixes.values()],
    description: raw.Description,
    ownerId: raw.OwnerId,
    attachedAt: secondsFromAws(raw.Attachment?.AttachTime ?? ''),
    ...(raw.Attachment?.InstanceId && { instanceId: raw.Attachment.InstanceId }),
  };
}

/** IPv4 before IPv6, in each the primary first. */
function addressTexts(raw: AwsInterface): string[] {
  const ipv4 = raw.PrivateIpAddresses.toSorted((a, b) => Number(b.Primary) - Number(a.Primary));
  const ipv6 = raw.Ipv6Addresses.toSorted((a, b) => Number(b.IsPrimaryIpv6) - Number(a.IsPrimaryIpv6));
  const texts = [
    raw.PrivateIpAddress,
    ...ipv4.map((address) => address.PrivateIpAddress),
    ...ipv6.map((address) => address.Ipv6Address),
    raw.Ipv6Address,
  ];
  return [...new Set(texts.filter(isText))];
}

function isText(text: string): boolean {
  return text !== '';
}

/** Equal for two readings of the same state, in whatever order AWS listed addresses. */
export function interfaceIdentity(one: NetworkInterface): string {
  const { primary, prefixes, ...rest } = one;
  const texts = prefixes.map(formatPrefix).sort(compareText);
  return JSON.stringify([rest, primary ? formatPrefix(hostPrefix(primary)) : '', texts]);
}
