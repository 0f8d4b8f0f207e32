import { OTHER_ACCOUNT } from './aws-items.ts';
import type { Case } from './case.ts';

/** Rules that a service needs though no record can show it, and groups that are somebody else's. */
export const SERVICES: readonly Case[] = [
  {
    id: 'A04',
    kind: 'never-logged',
    title: 'The interface of QuickSight, whose group is not stateful',
    situation: `
      A QuickSight VPC connection of 2022 queries a database. The group on its interface does not keep track
      of connections: the answers need its ingress rule for all ports.`,
    sources: [
      'QuickSight guide, Inbound rules of the VPC connection: return traffic needs a rule for all ports (connections made before 27 April 2023)',
    ],
    build(w) {
      w.host('qs', '10.0.4.10', ['out tcp 5432 sg-0db', 'in tcp 0-65535 sg-0db'], { type: 'quicksight' });
      w.host('db', '10.0.2.10', ['in tcp 5432 sg-0qs']);
      w.conn('eni-0qs', 'eni-0db', 5432, { when: w.hourly() });
      w.needed('sgr-0qs2');
    },
  },
  {
    id: 'A05',
    kind: 'never-logged',
    title: 'A network load balancer that serves consumers over PrivateLink',
    situation: `
      A network load balancer serves an endpoint service. Its inbound rule admits the consumers by their
      private addresses; what comes from the endpoints' interfaces is never logged. It also admits ICMP, as
      AWS recommends for path MTU discovery.`,
    sources: [
      'VPC User Guide, Flow log limitations: not logged: "Traffic between an endpoint network interface and a Network Load Balancer network interface"',
      'Network Load Balancer guide, Security groups: inbound rules for PrivateLink traffic; ICMP',
    ],
    build(w) {
      w.host('nlb', '10.0.5.10', ['in tcp 443 10.200.0.0/16', 'out tcp 8443 sg-0app', 'in icmp -1 0.0.0.0/0'], {
        type: 'network_load_balancer',
      });
      w.host('app', '10.0.6.10', ['in tcp 8443 sg-0nlb']);
      w.conn('eni-0nlb', 'eni-0app', 8443, { when: w.hourly() });
      w.needed('sgr-0nlb1', 'sgr-0nlb3');
    },
  },
  {
    id: 'B10',
    kind: 'never-logged',
    title: 'The group of a VPC Lattice association',
    situation: `
      A group belongs to the association of the VPC with a Lattice service network and decides which clients
      may call; it filters at Lattice, on no interface. The same group is on one machine that does something
      else. Every call of the web server passes by its rule for 443.`,
    sources: [
      'VPC Lattice guide, Control traffic using security groups: rules for the association control which clients can access the service network',
      'inferred: no record of that has the interface of the group',
    ],
    truth: 'inferred',
    build(w) {
      w.host('lat', '10.0.6.10', ['in tcp 443 10.0.0.0/16', 'in tcp 22 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0lat', 22, { when: w.hourly(30) });
      w.rule('sgr-0web2', 'out tcp 443 169.254.171.0/24', { group: 'sg-0web' });
      w.conn('eni-0web', '169.254.171.33', 443, { when: w.hourly(20) });
      w.needed('sgr-0lat1');
    },
  },
  {
    id: 'B14',
    kind: 'never-logged',
    title: 'The group of a VPC Lattice association, called by whoever may go anywhere',
    situation: `
      As in B10, but the web server calls by the egress rule for everything that every new group has: no rule of the
      VPC names an address of Lattice. One more rule of the group admits nobody that called.`,
    sources: [
      'VPC Lattice guide, Control traffic using security groups: rules for the association control which clients can access the service network',
      'inferred: no record of that has the interface of the group',
    ],
    truth: 'inferred',
    build(w) {
      w.host('lat', '10.0.6.10', ['in tcp 443 10.0.0.0/16', 'in tcp 22 10.44.0.0/16', 'in tcp 443 10.45.0.0/16']);
      w.conn('10.44.0.9', 'eni-0lat', 22, { when: w.hourly(30) });
      w.rule('sgr-0web2', 'out -1 0.0.0.0/0', { group: 'sg-0web' });
      w.conn('eni-0web', '169.254.171.33', 443, { when: w.hourly(20) });
      w.needed('sgr-0lat1');
      w.useful('sgr-0lat3');
    },
  },
  {
    id: 'B13',
    kind: 'never-logged',
    title: 'A CloudFront VPC origin that admits the managed prefix list',
    situation: `
      A load balancer is a CloudFront VPC origin and admits CloudFront's managed prefix list, as AWS offers.
      Requests come by an interface of the service in the same VPC. If the log shows that interface's private
      address, no rule explains them, and only the rule with the list lets them in.`,
    sources: [
      'CloudFront guide, Restrict access with VPC origins, security group configuration (prefix list, or service group)',
      'londonaicentre/FLIP deploy/providers/AWS/cloudfront.tf (a rule with the VPC CIDR does not work)',
    ],
    truth: 'unverified',
    build(w) {
      w.prefixList(
        'pl-0cf',
        'com.amazonaws.global.cloudfront.origin-facing',
        ['130.176.0.0/17', '15.158.0.0/16'],
        'AWS',
      );
      w.host('alb', '10.0.6.10', ['in tcp 443 pl-0cf']);
      w.group('sg-0cf', 'CloudFront-VPCOrigins-Service-SG');
      w.eni('eni-0cf', '10.0.6.99', ['sg-0cf'], { noData: false });
      w.conn('10.0.6.99', 'eni-0alb', 443, { when: w.hourly() });
      w.needed('sgr-0alb1');
    },
  },
  {
    id: 'P05',
    kind: 'never-logged',
    title: 'Rules that FSx for Lustre insists on',
    situation: `
      The group of a Lustre file system admits 988 and 1018-1023 from itself and from its clients. Nothing was
      sent to 1018-1023 in thirty days. The service demands these rules all the same: without them a file
      system cannot be made, and its servers cannot call clients back.`,
    sources: [
      'FSx for Lustre guide, Limiting file system access with Amazon VPC',
      'FSx for Lustre guide, Cannot create a file system because of a misconfigured security group',
    ],
    build(w) {
      w.host('cli', '10.0.7.10', ['in tcp 988 sg-0fsx', 'in tcp 1018-1023 sg-0fsx', 'out -1 0.0.0.0/0']);
      w.host('fsx', '10.0.8.10', [
        'in tcp 988 sg-0cli',
        'in tcp 1018-1023 sg-0cli',
        'in tcp 988 sg-0fsx',
        'in tcp 1018-1023 sg-0fsx',
        'out -1 0.0.0.0/0',
      ]);
      w.conn('eni-0cli', 'eni-0fsx', 988, { clientPort: 1021, when: w.hourly() });
      w.needed('sgr-0fsx2', 'sgr-0fsx4');
    },
  },
  {
    id: 'B05',
    kind: 'foreign-owner',
    title: 'A group that another account shares with us',
    situation: `
      We are a participant: the baseline group belongs to the owner of the VPC, who shares it. It is on one of
      our interfaces, and on interfaces of other accounts that are not to be seen here. They use its rule for
      SSH.`,
    sources: ['VPC User Guide, Share security groups with AWS Organizations'],
    build(w) {
      w.host('shared', '10.0.6.10', ['in tcp 22 10.44.0.0/16', 'in tcp 443 10.44.0.0/16'], {
        groupOwner: OTHER_ACCOUNT,
      });
      w.conn('10.44.0.9', 'eni-0shared', 443, { when: w.hourly(30) });
      w.needed('sgr-0shared1');
    },
  },
  {
    id: 'N08',
    kind: 'foreign-owner',
    title: 'The group of a participant, seen by the owner of the VPC',
    situation: `
      We own a VPC whose subnets another account uses, and can describe that account's interfaces and groups.
      One of its rules is unused. We are not allowed to remove it: the command would be refused and end the
      script there.`,
    sources: ['VPC User Guide, Share your VPC subnets: owners cannot change the security groups of participants'],
    build(w) {
      w.host('part', '10.0.6.10', ['in tcp 8080 10.44.0.0/16', 'in tcp 443 10.44.0.0/16'], { owner: OTHER_ACCOUNT });
      w.conn('10.44.0.9', 'eni-0part', 443, { when: w.hourly(30) });
      w.notPlanned('sgr-0part1');
    },
  },
];
