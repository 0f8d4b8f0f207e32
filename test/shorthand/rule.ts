/** The fields of a rule that its shorthand says, under the names that EC2 gives them. */
export interface RuleFields {
  IsEgress: boolean;
  IpProtocol: string;
  FromPort?: number;
  ToPort?: number;
  CidrIpv4?: string;
  CidrIpv6?: string;
  PrefixListId?: string;
  ReferencedGroupInfo?: ReferenceFields;
}

interface ReferenceFields {
  GroupId: string;
  UserId: string;
  VpcPeeringConnectionId?: string;
  PeeringStatus?: string;
}

/**
 * The one shorthand of rules in tests: `in|out PROTOCOL [PORTS] PEER…`.
 *
 *   'in tcp 443 10.0.0.0/8'    one port, FromPort and ToPort alike; a range is '1024-65535'
 *   'in icmp 8/0 ::/0'         type and code; 'icmp 8' has the code -1, any
 *   'out -1 sg-db'             no ports: the fields are absent
 *   'in tcp _..22 pl-1'        FromPort..ToPort as they stand, '_' for an absent one: for what AWS would not send
 *
 * A peer goes into the field that its looks suggest. Of a group: `sg-db@222222222222` of another account,
 * `sg-db^pcx-1:deleted` over a peering connection in that state. `4=text` and `6=text` force a CIDR field.
 *
 * @param account owner of groups that are named without one
 */
export function ruleFields(text: string, account: string): RuleFields {
  const [direction, IpProtocol = '', ...rest] = text.split(/\s+/);
  if (direction !== 'in' && direction !== 'out') throw new Error(`no rule: ${text}`);
  const [first = ''] = rest;
  const ports = portsOf(IpProtocol, first);
  const peers = (ports ? rest.slice(1) : rest).map((peer) => peerOf(peer, account));
  return Object.assign({ IsEgress: direction === 'out', IpProtocol }, ports, ...peers) as RuleFields;
}

/** Undefined where the word says no ports. */
function portsOf(protocol: string, word: string): Pick<RuleFields, 'FromPort' | 'ToPort'> | undefined {
  const raw = /^(_|-?[\d.]+?)\.\.(_|-?[\d.]+)$/.exec(word);
  if (raw) {
    const [from, to] = [raw[1]!, raw[2]!];
    return { ...(from !== '_' && { FromPort: Number(from) }), ...(to !== '_' && { ToPort: Number(to) }) };
  }
  const plain = /^(-?\d+)(?:[-/](-?\d+))?$/.exec(word);
  if (!plain) return undefined;
  const FromPort = Number(plain[1]);
  return { FromPort, ToPort: Number(plain[2] ?? (protocol.startsWith('icmp') ? -1 : FromPort)) };
}

function peerOf(word: string, account: string): Partial<RuleFields> {
  if (word.startsWith('4=')) return { CidrIpv4: word.slice(2) };
  if (word.startsWith('6=')) return { CidrIpv6: word.slice(2) };
  if (word.startsWith('pl-')) return { PrefixListId: word };
  if (!word.startsWith('sg-')) return word.includes(':') ? { CidrIpv6: word } : { CidrIpv4: word };
  const [, GroupId = '', UserId = account, peering] = /^([^@^]+)(?:@(\d+))?(?:\^(.+))?$/.exec(word) ?? [];
  const [VpcPeeringConnectionId, PeeringStatus] = peering?.split(':') ?? [];
  const over = { ...(VpcPeeringConnectionId && { VpcPeeringConnectionId }), ...(PeeringStatus && { PeeringStatus }) };
  return { ReferencedGroupInfo: { GroupId, UserId, ...over } };
}
