/** Where the name in an event is another than in `describe`, its first letter aside. */
const NAMES: Readonly<Record<string, string>> = {
  Groups: 'groupSet',
  PrivateIpAddresses: 'privateIpAddressesSet',
  Ipv6Addresses: 'ipv6AddressesSet',
  Ipv4Prefixes: 'ipv4PrefixSet',
  TagSet: 'tagSet',
};
/** What CloudTrail leaves out, or has of its own. */
const LEFT_OUT: ReadonlySet<string> = new Set(['Attachment', 'Tags', 'SecurityGroupRuleArn', 'Association']);

/** What `aws ec2 describe-…` prints, as CloudTrail records it: names begin small, lists are `items`, empty ones `{}`. */
export function asRecorded(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? {} : { items: value.map(asRecorded) };
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !LEFT_OUT.has(key))
      .map(([key, member]) => [NAMES[key] ?? key.slice(0, 1).toLowerCase() + key.slice(1), asRecorded(member)]),
  );
}

/** The same as Config captures it: names begin small, lists are lists. */
export function asCaptured(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asCaptured);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const name = key.slice(0, 1).toLowerCase() + key.slice(1);
      if (key !== 'IpRanges') return [[name, asCaptured(member)]];
      // IPv4 ranges are there twice.
      const ranges = member as readonly { readonly CidrIp: string }[];
      return [
        ['ipv4Ranges', asCaptured(ranges)],
        ['ipRanges', ranges.map(({ CidrIp }) => CidrIp)],
      ];
    }),
  );
}
