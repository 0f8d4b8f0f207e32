import { ACCOUNT } from './aws-items.ts';
import type { Case } from './case.ts';

const RULES =
  'VPC User Guide, Security group rules, Limitation: "If you reference the security group of the other instance as ' +
  'the source, this does not allow traffic to flow"';
const TGW = 'Transit Gateway guide, Amazon VPC attachments, Security group referencing';

/** A rule is called redundant since another one covers it, and AWS does not honour that other one. */
export const COVER: readonly Case[] = [
  {
    id: 'M01',
    kind: 'void-cover',
    title: 'A firewall in the path makes a group reference void',
    situation: `
      A database admits the application by its group and, since that did not work, by its subnet as well.
      Traffic between the two subnets is routed through a firewall appliance, where a reference to the other
      end's group lets nothing through. Removing the rule with the CIDR cuts the application off.`,
    sources: [RULES],
    build(w) {
      w.host('app', '10.0.6.10', ['out -1 0.0.0.0/0']);
      w.host('db', '10.0.2.10', ['in tcp 5432 sg-0app', 'in tcp 5432 10.0.6.0/24'], { subnet: 'subnet-0b' });
      w.conn('eni-0app', 'eni-0db', 5432, { when: [...w.daily(9), ...w.daily(15)] });
      w.needed('sgr-0db2');
      w.simulateWarns('sgr-0db2');
    },
  },
  {
    id: 'M03',
    kind: 'void-cover',
    title: 'Group referencing is off at the transit gateway',
    situation: `
      Two VPCs are joined by a transit gateway on which security group referencing was never switched on. The
      database admits the application by its group, without effect, and by the CIDR of its VPC, which works.`,
    sources: [`${TGW}: works only if enabled for the gateway and its attachments`],
    build(w) {
      w.vpc('vpc-0b', '10.1.0.0/16');
      w.flowLog('fl-0b', 'vpc-0b');
      w.host('app', '10.0.6.10', ['out -1 0.0.0.0/0']);
      w.host('db', '10.1.2.10', ['in tcp 5432 sg-0app', 'in tcp 5432 10.0.0.0/16'], {
        vpc: 'vpc-0b',
        subnet: 'subnet-0b',
      });
      w.conn('eni-0app', 'eni-0db', 5432, { when: [...w.daily(9), ...w.daily(15)] });
      w.needed('sgr-0db2');
    },
  },
  {
    id: 'M06',
    kind: 'void-cover',
    title: 'The group reference goes over a deleted peering',
    situation: `
      A peering was replaced by a transit gateway. The old rule still names the client's group over the
      deleted peering, and AWS itself lists it as stale; a rule with a CIDR admits the traffic today.`,
    sources: [
      'VPC Peering guide, Update your security groups to reference peer security groups, stale rules',
      'EC2 API reference, DescribeStaleSecurityGroups',
    ],
    build(w) {
      w.vpc('vpc-0b', '10.1.0.0/16');
      w.flowLog('fl-0b', 'vpc-0b');
      w.host('db', '10.0.6.10', []);
      const dead = { VpcId: 'vpc-0b', VpcPeeringConnectionId: 'pcx-0dead', PeeringStatus: 'deleted' };
      w.rule('sgr-0db1', 'in tcp 5432 sg-0cli', { reference: dead });
      w.rule('sgr-0db2', 'in tcp 5432 10.1.0.0/16');
      w.host('cli', '10.1.2.10', ['out -1 0.0.0.0/0'], { vpc: 'vpc-0b', subnet: 'subnet-0b' });
      w.conn('eni-0cli', 'eni-0db', 5432, { when: [...w.daily(9), ...w.daily(15)] });
      const pair = { GroupId: 'sg-0cli', UserId: ACCOUNT, ...dead };
      w.staleReferences.push({
        GroupId: 'sg-0db',
        GroupName: 'db',
        VpcId: 'vpc-0a',
        StaleIpPermissionsEgress: [],
        StaleIpPermissions: [
          {
            FromPort: 5432,
            ToPort: 5432,
            IpProtocol: 'tcp',
            IpRanges: [],
            PrefixListIds: [],
            UserIdGroupPairs: [pair],
          },
        ],
      });
      w.needed('sgr-0db2');
    },
  },
  {
    id: 'B03c',
    kind: 'void-cover',
    title: 'No CIDR stands in for a group with EFA',
    situation: `
      Two machines talk over Elastic Fabric Adapters, for which AWS demands all traffic to and from the group
      itself. The group also has an open egress rule. What the adapters exchange is no IP; only the bootstrap
      over TCP is seen, and the open rule admits that too.`,
    sources: [
      'FSx for Lustre guide, Limiting file system access with Amazon VPC: "CIDR-based rules, including 0.0.0.0/0, do not satisfy EFA requirements"',
      'EC2 User Guide, Get started with EFA',
    ],
    build(w) {
      w.host('efa1', '10.0.7.10', ['in -1 sg-0efa1', 'out -1 sg-0efa1', 'out -1 0.0.0.0/0'], { type: 'efa' });
      w.eni('eni-0efa2', '10.0.7.11', ['sg-0efa1'], { type: 'efa' });
      w.conn('eni-0efa1', 'eni-0efa2', 29500, { when: w.daily(8) });
      w.conn('eni-0efa1', '52.1.2.3', 443, { when: w.daily(9) });
      w.needed('sgr-0efa11', 'sgr-0efa12');
    },
  },
  {
    id: 'M07',
    kind: 'void-cover',
    title: 'The group reference works inside the subnet, and not through the firewall',
    situation: `
      A database admits the application by its group, and the application's second subnet by its CIDR as well. From
      the database's own subnet the group alone lets it in. From the second subnet traffic goes through a firewall,
      where the reference admits nothing: what worked in one subnet shows nothing of the other.`,
    sources: [RULES],
    build(w) {
      w.group('sg-0app');
      w.rule('sgr-0app1', 'out -1 0.0.0.0/0');
      w.eni('eni-0near', '10.0.2.5', ['sg-0app'], { subnet: 'subnet-0b' });
      w.eni('eni-0far', '10.0.6.5', ['sg-0app'], { subnet: 'subnet-0c' });
      w.host('db', '10.0.2.10', ['in tcp 5432 sg-0app', 'in tcp 5432 10.0.6.0/24'], { subnet: 'subnet-0b' });
      w.conn('eni-0near', 'eni-0db', 5432, { when: w.daily(9) });
      w.conn('eni-0far', 'eni-0db', 5432, { when: w.daily(10) });
      w.verdict('sgr-0db2', 'active');
      w.needed('sgr-0db1', 'sgr-0db2');
      w.simulateWarns('sgr-0db2');
    },
  },
  {
    id: 'M08',
    kind: 'void-cover',
    title: 'A way out by group over a transit gateway',
    situation: `
      An application calls a cache in another VPC over a transit gateway. Its egress rule for the cache's group never
      works there; the one for the CIDR does.`,
    sources: [`${TGW}: not in outbound rules`],
    build(w) {
      w.vpc('vpc-0b', '10.1.0.0/16');
      w.flowLog('fl-0b', 'vpc-0b');
      w.host('cache', '10.1.2.10', ['in tcp 6379 10.0.0.0/16'], { vpc: 'vpc-0b', subnet: 'subnet-0b' });
      w.host('app', '10.0.6.10', ['out tcp 6379 sg-0cache', 'out tcp 6379 10.1.0.0/16']);
      w.conn('eni-0app', 'eni-0cache', 6379, { when: w.hourly(5) });
      w.needed('sgr-0app2', 'sgr-0cache1');
    },
  },
];
