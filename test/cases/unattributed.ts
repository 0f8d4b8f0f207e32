import type { Case } from './case.ts';
import { at, range } from './clock.ts';
import { FLAGS } from './format.ts';
import { twoDigits } from './worlds.ts';

const MEMBERS =
  'VPC User Guide, Security group rules: a referenced group stands for the private addresses of its interfaces';

/** Accepted traffic that no rule, or no interface of the inventory, accounts for: some rule let it through. */
export const UNATTRIBUTED: readonly Case[] = [
  {
    id: 'A02',
    kind: 'unexplained-traffic',
    title: 'The address belongs to somebody else by now',
    situation: `
      A nightly batch task reads the database for 29 nights from 10.0.3.50. Before the inventory is taken the
      task is gone for good and its address has gone to another service. Every night the database's rule for
      the batch group let the task in; by the inventory of today no rule explains it.`,
    sources: [MEMBERS],
    build(w) {
      w.group('sg-0batch');
      w.rule('sgr-0batch1', 'out tcp 5432 sg-0db');
      w.host('db', '10.0.2.10', ['in tcp 5432 sg-0batch', 'in tcp 5432 10.44.0.0/16']);
      w.host('other', '10.0.3.50', ['out tcp 443 0.0.0.0/0'], { since: at(29, 12) });
      w.gone('eni-0task', '10.0.3.50');
      w.conn('10.44.0.9', 'eni-0db', 5432, { when: w.hourly(30) });
      w.conn('eni-0task', 'eni-0db', 5432, { when: w.daily(2, range(0, 29)) });
      w.conn('eni-0other', '52.1.2.3', 443, { when: range(12, 24).map((h) => at(29, h)) });
      w.conn('203.0.113.5', 'eni-0web', 443, { times: 3, when: w.hourly(15) });
      w.needed('sgr-0db1', 'sgr-0batch1');
    },
  },
  {
    id: 'B01',
    kind: 'unexplained-traffic',
    title: 'The entry of a prefix list was replaced yesterday',
    situation: `
      An office moved: on the last day its old address block was replaced by the new one in a prefix list of
      the customer. For 29 days the rule that names the list let the office in by the old entry.`,
    sources: ['VPC User Guide, Work with customer-managed prefix lists'],
    build(w) {
      w.prefixList('pl-0office', 'offices', ['192.0.2.0/24']);
      w.host('vpn', '10.0.6.10', ['in tcp 8443 pl-0office', 'in tcp 443 10.44.0.0/16']);
      w.conn('198.51.100.77', 'eni-0vpn', 8443, { when: w.daily(9, range(0, 29)) });
      w.conn('10.44.0.9', 'eni-0vpn', 443, { when: w.hourly(30) });
      w.needed('sgr-0vpn1');
    },
  },
  {
    id: 'B12',
    kind: 'unexplained-traffic',
    title: 'The load balancer is in no inventory',
    situation: `
      Targets admit only the group of their network load balancer, which keeps the address of clients. The
      load balancer was replaced since, so that its interface is in no inventory. A partner from the Internet
      uploads by it every night; nothing but that rule can have let it in.`,
    sources: [
      'Network Load Balancer guide, Security groups: targets may reference the group of the load balancer',
      'Network Load Balancer guide, Client IP preservation',
    ],
    background: 5,
    build(w) {
      w.group('sg-0nlb');
      w.rule('sgr-0nlb1', 'in tcp 8443 0.0.0.0/0');
      w.host('app', '10.0.6.10', ['in tcp 8443 sg-0nlb', 'in tcp 443 10.44.0.0/16']);
      w.gone('eni-0oldnlb', '10.0.5.10');
      w.conn('198.51.100.77', 'eni-0oldnlb', 8443, { when: w.daily(2) });
      w.conn('198.51.100.77', 'eni-0app', 8443, { when: w.daily(2) });
      w.conn('10.44.0.9', 'eni-0app', 443, { when: w.hourly(30) });
      w.needed('sgr-0app1');
    },
  },
  {
    id: 'F08',
    kind: 'unexplained-traffic',
    title: 'A group was taken off the interface and lives on elsewhere',
    situation: `
      Until the twentieth day the web server carried the administration group too, and was reached at 9443 by
      its rule. Then the group was taken off; another machine carries it and is reached at 22. What passed at
      9443 no rule of the web server explains any more, and the rule that let it in still stands.`,
    sources: ['cloud-custodian/cloud-custodian#356 (groups swapped on interfaces)', MEMBERS],
    build(w) {
      w.host('adm', '10.0.5.51', ['in tcp 9443 10.9.0.0/16', 'in tcp 22 10.9.0.0/16']);
      w.conn('10.9.3.3', 'eni-0adm', 22, { when: w.hourly(30) });
      w.conn('10.9.3.3', 'eni-0web', 9443, { when: w.daily(10, range(0, 20)) });
      w.needed('sgr-0adm1');
    },
  },
  {
    id: 'H05',
    kind: 'unexplained-traffic',
    title: 'Two tasks take turns at one address between two snapshots',
    situation: `
      In a small subnet a batch task lives from 02:01 to 02:12 every third night at 10.0.3.5, between two
      snapshots. At 02:14 another task is given the address and is in the snapshot of 02:15. What the database
      saw from 10.0.3.5 looks like that other task's, which no rule admits.`,
    sources: [MEMBERS],
    background: 5,
    build(w) {
      w.group('sg-0batch');
      w.rule('sgr-0batch1', 'out tcp 5432 sg-0db');
      w.group('sg-0other');
      w.rule('sgr-0other1', 'out tcp 443 0.0.0.0/0');
      w.host('db', '10.0.2.10', ['in tcp 5432 sg-0batch', 'in tcp 5432 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0db', 5432, { when: w.hourly(30) });
      w.snapshotDaily();
      for (const d of range(0, 30, 3)) {
        const task = w.gone(`eni-0a${twoDigits(d)}`, '10.0.3.5');
        w.conn(task, 'eni-0db', 5432, { when: [at(d, 2, 5)] });
        const life = { since: at(d, 2), until: at(d, 4) };
        const other = w.snapshot(d, 2, 15).eni(`eni-0b${twoDigits(d)}`, '10.0.3.5', ['sg-0other'], life);
        w.conn(other, '52.1.2.3', 443, { when: [at(d, 2, 20), at(d, 3, 20)] });
        w.snapshot(d, 4);
      }
      w.needed('sgr-0db1');
    },
  },
  {
    id: 'W3',
    kind: 'unexplained-traffic',
    title: 'A group was carried by another machine while nobody took snapshots',
    situation: `
      Snapshots of every night stop on the third day and come again on the twenty-sixth. In between the
      application carried the group of another machine in the place of its own, and was reached by that group's
      rule. Both snapshots beside the gap show it with its own group, whose rule would have let it in as well.`,
    sources: ['cloud-custodian/cloud-custodian#356 (groups swapped on interfaces)'],
    build(w) {
      w.host('app', '10.0.6.10', ['in tcp 8080 10.44.0.0/16']);
      w.host('ops', '10.0.6.11', ['in tcp 8080 10.44.0.0/16', 'in tcp 443 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0app', 8080, { when: w.hourly(30) });
      w.conn('10.44.0.9', 'eni-0ops', 443, { when: w.hourly(40) });
      w.snapshotDaily([...range(-1, 3), ...range(25, 30)]);
      w.needed('sgr-0ops1');
      w.verdict('sgr-0ops1', 'notObserved');
      w.verdict('sgr-0app1', 'active');
      w.says('analyze', /22 days \(2026-01-04 to 2026-01-25\) have no snapshot/);
    },
  },
  {
    id: 'W2',
    kind: 'unexplained-traffic',
    title: 'A floating interface was moved to another machine in the middle of the window',
    situation: `
      The interface of a cluster's address was there all along, and carried the group of the cluster. On the
      twentieth day it was moved to the other machine, and its attachment is as old as that. Until then the
      cluster called the web server at 9443, which both the cluster's rule and one for the whole VPC admit.`,
    sources: [
      'EC2 User Guide, Elastic network interfaces: a secondary interface keeps its address and groups when it is moved',
      MEMBERS,
    ],
    build(w) {
      w.host('cluster', '10.0.3.60', ['out tcp 9443 10.0.0.0/16'], { since: at(20) });
      w.rule('sgr-0web8', 'in tcp 9443 sg-0cluster');
      w.rule('sgr-0web9', 'in tcp 0-65535 10.0.0.0/16');
      w.conn('eni-0cluster', 'eni-0web', 9443, { when: w.daily(3, range(0, 19)) });
      w.needed('sgr-0web8');
    },
  },
  {
    id: 'A01',
    kind: 'unknown-interfaces',
    title: 'Tasks of five minutes carry a group that an idle machine carries too',
    situation: `
      Build tasks that live five minutes carry the runner group; so does one machine that is always there and
      does something else. Their interfaces are in no inventory, and what they do is less than one record in a
      hundred. All three rules of the group are used by them, and by nobody else.`,
    sources: [
      'Fargate and CodeBuild give every task an interface of its own, for its lifetime (ECS guide, awsvpc network mode)',
    ],
    background: 10,
    build(w) {
      w.host('runner', '10.0.3.10', [
        'out tcp 5432 sg-0db',
        'out tcp 443 0.0.0.0/0',
        'in tcp 2222 10.44.0.0/16',
        'in tcp 22 10.44.0.0/16',
      ]);
      w.host('db', '10.0.2.10', ['in tcp 5432 sg-0runner', 'in tcp 5432 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0db', 5432, { when: w.daily(6) });
      w.conn('10.44.0.9', 'eni-0runner', 22, { when: w.hourly(30) });
      for (const d of range(0, 30, 3)) {
        const task = w.gone(`eni-0task${twoDigits(d)}`, `10.0.3.${50 + d}`);
        w.conn(task, 'eni-0db', 5432, { when: [at(d, 10, 1)] });
        w.conn(task, '140.82.112.3', 443, { when: [at(d, 10, 2)] });
        w.conn('10.44.0.9', task, 2222, { when: [at(d, 10, 3)] });
      }
      w.needed('sgr-0runner1', 'sgr-0runner2', 'sgr-0runner3');
      w.simulateWarns('sgr-0runner1', 'sgr-0runner2', 'sgr-0runner3');
    },
  },
  {
    id: 'B09',
    kind: 'unknown-interfaces',
    title: 'A cover that short-lived tasks do not have',
    situation: `
      Two machines carry a base group (443 from 10.0.0.0/8) and a wide one (443 from everywhere). Short-lived
      tasks, in no inventory and less than one record in a hundred, carry the base group alone. On the
      machines the base group's rule is covered; the tasks would lose their only one.`,
    sources: [MEMBERS],
    background: 10,
    build(w) {
      w.group('sg-0base');
      w.rule('sgr-0base1', 'in tcp 443 10.0.0.0/8');
      w.group('sg-0wide');
      w.rule('sgr-0wide1', 'in tcp 443 0.0.0.0/0');
      for (const i of [1, 2]) {
        w.eni(`eni-0k${i}`, `10.0.6.1${i}`, ['sg-0base', 'sg-0wide']);
        w.conn('10.44.0.77', `eni-0k${i}`, 443, { when: [...w.daily(8), ...w.daily(14)] });
        w.conn('198.51.100.9', `eni-0k${i}`, 443, { when: [...w.daily(9), ...w.daily(15)] });
      }
      for (const d of range(0, 30, 3)) {
        const task = w.gone(`eni-0task${twoDigits(d)}`, `10.0.7.${10 + d}`);
        w.conn('10.44.0.77', task, 443, { when: [at(d, 10), at(d, 10, 2)] });
      }
      w.needed('sgr-0base1');
    },
  },
  {
    id: 'F02',
    kind: 'no-interface-id',
    title: 'Records do not say which interface',
    situation: `
      Log lines went through another program that left out the interface ids. All rules but one are used every
      day, and all accepted records lie at no interface.`,
    sources: [
      'VPC User Guide, Flow log records: interface-id is "-" where there is none',
      'elastic/integrations, VPC flow log test samples with "-" for the interface',
    ],
    background: 0,
    build(w) {
      w.shop();
      w.withoutIdleHours();
      w.conn('203.0.113.5', 'eni-0web', 443, { when: w.hourly() });
      w.administer({ times: 20 });
      w.overwrite({ 'interface-id': '-' });
      w.needed('sgr-0web1', 'sgr-0web2', 'sgr-0web3', 'sgr-0db1');
    },
  },
  {
    id: 'A08',
    kind: 'asymmetric-path',
    title: 'This interface sees the answers only',
    situation: `
      A routing appliance sends requests out by one interface, and their answers come back by the other one.
      That other interface has tracked no connection, so the answers (SYN-ACK) need its ingress rule.`,
    sources: [
      'EC2 User Guide, Security group connection tracking (asymmetric routing topologies)',
      'inferred: connections are tracked at each interface by itself',
    ],
    truth: 'inferred',
    build(w) {
      w.host('fw0', '10.0.10.10', ['in -1 10.44.0.0/16', 'out -1 0.0.0.0/0']);
      w.host('fw1', '10.0.11.10', ['in tcp 1024-65535 172.16.0.0/12', 'out tcp 22 172.16.0.0/12']);
      for (const t of [...w.daily(8), ...w.daily(14)]) {
        w.record('eni-0fw0', 'ingress', ['10.44.0.9', 40000], ['10.0.10.10', 443], t, {
          flags: FLAGS.synFin,
          packetDestination: '172.16.5.5',
        });
        w.record('eni-0fw0', 'egress', ['10.0.10.10', 40000], ['172.16.5.5', 443], t, {
          flags: FLAGS.synFin,
          packetSource: '10.44.0.9',
        });
        w.record('eni-0fw1', 'ingress', ['172.16.5.5', 443], ['10.0.11.10', 40000], t, {
          flags: FLAGS.synAckFin,
          packetDestination: '10.44.0.9',
        });
      }
      w.conn('eni-0fw1', '172.16.5.9', 22, { when: w.hourly(30) });
      w.needed('sgr-0fw11');
    },
  },
  {
    id: 'A13',
    kind: 'unexplained-traffic',
    title: 'A collector that listens where its senders send from',
    situation: `
      Machines sent syslog from port 514 to 514 of a collector, by an egress rule that names the collector's group. The
      collector was replaced, and its address is another machine's by now. The sender admits everything from inside,
      so that its messages could be answers but for the one thing: nobody asked.`,
    sources: [MEMBERS, 'rsyslog, omfwd (the source port may be fixed); RFC 3164, section 2 (514 is recommended)'],
    fields: 'v2',
    build(w) {
      w.group('sg-0collector');
      w.rule('sgr-0collector1', 'in udp 514 10.0.0.0/16');
      w.eni('eni-0new', '10.0.3.77', ['sg-0collector']);
      w.host('app', '10.0.6.10', ['out udp 514 sg-0collector', 'in -1 10.0.0.0/8']);
      w.host('other', '10.0.3.50', ['out tcp 443 0.0.0.0/0']);
      w.conn('eni-0other', '52.1.2.3', 443, { when: w.hourly(11) });
      for (const t of w.hourly(5)) {
        w.record('eni-0app', 'egress', ['10.0.6.10', 514], ['10.0.3.50', 514], t, { protocol: 17 });
      }
      w.needed('sgr-0app1');
    },
  },
  {
    id: 'A14',
    kind: 'unexplained-traffic',
    title: 'A mount from a reserved port, of a server that moved',
    situation: `
      A machine mounted a file server from source port 890, by an egress rule that names the server's group. The
      server was replaced and its address given away. By the ports alone the client is the server.`,
    sources: [MEMBERS, 'nfs(5), resvport: a privileged source port is the default'],
    fields: 'v2',
    build(w) {
      w.host('app', '10.0.6.10', ['out tcp 2049 sg-0files', 'in -1 10.0.0.0/8']);
      w.host('other', '10.0.3.50', ['out tcp 443 0.0.0.0/0']);
      w.host('files', '10.0.3.77', ['in tcp 2049 10.0.0.0/16']);
      w.conn('eni-0other', '52.1.2.3', 443, { when: w.hourly(11) });
      w.conn('10.0.77.7', 'eni-0files', 2049, { when: w.hourly(12) });
      w.conn('eni-0app', '10.0.3.50', 2049, { clientPort: 890, when: w.hourly(5) });
      w.needed('sgr-0app1');
    },
  },
  {
    id: 'A15',
    kind: 'unexplained-traffic',
    title: 'The ping of a monitor that is gone',
    situation: `
      A monitor pinged a server all day, by a rule that names the monitor's group. The monitor was replaced, and its
      address went to another service. The server may call everywhere, so that the pings could be answers to its own.`,
    sources: [MEMBERS, 'VPC User Guide, Flow log record examples: type and code of ICMP are not recorded'],
    build(w) {
      w.group('sg-0mon');
      w.host('app', '10.0.6.10', ['in icmp 8 sg-0mon', 'out -1 0.0.0.0/0', 'in tcp 8080 10.44.0.0/16']);
      w.host('other', '10.0.3.50', ['out tcp 443 0.0.0.0/0']);
      w.conn('eni-0other', '52.1.2.3', 443, { when: w.hourly(11) });
      w.conn('10.44.0.9', 'eni-0app', 8080, { when: w.hourly(12) });
      w.conn('10.0.3.50', 'eni-0app', 0, { protocol: 'icmp', when: w.hourly(5) });
      w.needed('sgr-0app1');
    },
  },
];
