import type { Case } from './case.ts';
import { at, range } from './clock.ts';
import { manyServices } from './many-services.ts';
import { parquetOf } from './parquet.ts';
import { reconcile } from './worlds.ts';
import { twoDigits } from './worlds.ts';

/** Where the right answer is to remove the rule, and what has held up so far. */
export const CONTROL: readonly Case[] = [
  {
    id: 'C01',
    kind: 'control',
    title: 'SSH that nobody uses',
    situation: `
      A busy application was observed in every hour of thirty days. Nobody came by SSH.`,
    sources: [],
    build(w) {
      w.host('app', '10.0.6.10', ['in tcp 8080 10.44.0.0/16', 'in tcp 22 10.0.0.0/8']);
      w.conn('10.44.0.9', 'eni-0app', 8080, { when: w.hourly(30) });
      w.removable('sgr-0app2');
    },
  },
  {
    id: 'C02',
    kind: 'control',
    title: 'A way out that nothing takes',
    situation: `
      A busy application calls out at 443 every hour. Its way out to the databases' subnet at 5432 was not
      taken once.`,
    sources: [],
    build(w) {
      w.host('app', '10.0.6.10', ['out tcp 443 0.0.0.0/0', 'out tcp 5432 10.0.2.0/24']);
      w.conn('eni-0app', '52.1.2.3', 443, { when: w.hourly(30) });
      w.removable('sgr-0app2');
    },
  },
  {
    id: 'C03',
    kind: 'control',
    title: 'A rule inside a wider one of its group',
    situation: `
      A group admits 443 from 10.0.0.0/8 and from a subnet inside it. Clients come from there and from
      elsewhere: all that the narrow rule admits, the wide one admits as well.`,
    sources: [],
    build(w) {
      w.host('app', '10.0.6.10', ['in tcp 443 10.0.0.0/8', 'in tcp 443 10.44.6.0/24']);
      w.conn('10.44.6.9', 'eni-0app', 443, { when: w.hourly(30) });
      w.conn('10.45.0.9', 'eni-0app', 443, { when: w.hourly(40) });
      w.removable('sgr-0app2');
    },
  },
  {
    id: 'C04',
    kind: 'control',
    title: 'The same rule in two groups of one interface',
    situation: `
      An interface carries two groups, and each admits 8443 from the same network. One of the two rules may
      go, and only one of them.`,
    sources: [],
    build(w) {
      w.host('one', '10.0.6.10', ['in tcp 8443 10.44.0.0/16']);
      w.group('sg-0two');
      w.rule('sgr-0two1', 'in tcp 8443 10.44.0.0/16');
      w.eni('eni-0one', '10.0.6.10', ['sg-0one', 'sg-0two']);
      w.conn('10.44.0.9', 'eni-0one', 8443, { when: w.hourly(30) });
      w.oneRemovable('sgr-0one1', 'sgr-0two1');
    },
  },
  {
    id: 'C05',
    kind: 'control',
    title: 'A prefix list from which nobody came',
    situation: `
      A rule admits a partner's prefix list at 8443. In thirty days nobody came to that port, from there or
      elsewhere.`,
    sources: [],
    build(w) {
      w.prefixList('pl-0partner', 'partners', ['192.0.2.0/28', '198.51.100.0/24']);
      w.host('api', '10.0.6.10', ['in tcp 8443 pl-0partner', 'in tcp 443 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0api', 443, { when: w.hourly(30) });
      w.removable('sgr-0api1');
    },
  },
  {
    id: 'C06',
    kind: 'control',
    title: 'Unknown interfaces that cannot have used it',
    situation: `
      A few tasks that no inventory knows call out at 443, less than one record in a hundred. The database's
      rule for 3306 was used by nobody, and the tasks were never reached at any port.`,
    sources: [],
    background: 5,
    build(w) {
      w.host('db', '10.0.2.10', ['in tcp 5432 10.44.0.0/16', 'in tcp 3306 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0db', 5432, { when: w.hourly(30) });
      for (const d of range(0, 30, 3)) {
        w.gone(`eni-0task${twoDigits(d)}`, `10.0.3.${50 + d}`);
        w.conn(`eni-0task${twoDigits(d)}`, '52.1.2.3', 443, { when: [at(d, 10), at(d, 11)] });
      }
      w.removable('sgr-0db2');
    },
  },
  {
    id: 'C07',
    kind: 'control',
    title: 'SSH over IPv6 that nobody uses',
    situation: `
      A dual-stack server is reached at 443 over IPv6 every hour. Nobody came by SSH over IPv6.`,
    sources: [],
    build(w) {
      w.host('six', '10.0.6.10', ['in tcp 443 ::/0', 'in tcp 22 2001:db8:9::/48'], { ip6: ['2001:db8:0:6::10'] });
      w.conn('2001:db8:7::5', 'eni-0six', 443, { when: w.hourly(30) });
      w.removable('sgr-0six2');
    },
  },
  {
    id: 'C08',
    kind: 'control',
    title: 'A group reference whose members use another port',
    situation: `
      The web server reads the database at 5432 every day, by a rule that names its group. By the rule for
      3306 from the same group nothing ever came.`,
    sources: [],
    build(w) {
      w.shop();
      w.removable('sgr-0db2');
    },
  },
  {
    id: 'C09',
    kind: 'control',
    title: 'Ping that nobody uses',
    situation: `
      A busy application admits echo requests from the company's network. Not one ICMP record came in thirty
      days.`,
    sources: [],
    build(w) {
      w.host('app', '10.0.6.10', ['in tcp 8080 10.44.0.0/16', 'in icmp 8 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0app', 8080, { when: w.hourly(30) });
      w.removable('sgr-0app2');
    },
  },
  {
    id: 'C10',
    kind: 'control',
    title: 'The default format shows it as well',
    situation: `
      The log has the default format, without flags. A busy application is reached at 8080 by clients with
      high ports; its rule for SSH was not used, in whatever way one reads the records.`,
    sources: [],
    fields: 'v2',
    build(w) {
      w.host('app', '10.0.6.10', ['in tcp 8080 10.44.0.0/16', 'in tcp 22 10.0.0.0/8']);
      w.conn('10.44.0.9', 'eni-0app', 8080, { when: w.hourly(30) });
      w.removable('sgr-0app2');
    },
  },
  {
    id: 'C12',
    kind: 'control',
    title: 'Unused through thirty days of snapshots',
    situation: `
      Snapshots of every night of a month all show the same busy application and the same rule for SSH, which
      nobody used.`,
    sources: [],
    build(w) {
      w.host('app', '10.0.6.10', ['in tcp 8080 10.44.0.0/16', 'in tcp 22 10.0.0.0/8']);
      w.conn('10.44.0.9', 'eni-0app', 8080, { when: w.hourly(30) });
      w.snapshotDaily();
      w.removable('sgr-0app2');
    },
  },
  {
    id: 'C16',
    kind: 'control',
    title: 'Snapshots once a day, at any hour, and one that failed',
    situation: `
      Somebody takes a snapshot a day, now in the morning, now in the evening; one day's failed. All show the
      same busy application and the same rule for SSH, which nobody used.`,
    sources: [],
    build(w) {
      w.host('app', '10.0.6.10', ['in tcp 8080 10.44.0.0/16', 'in tcp 22 10.0.0.0/8']);
      w.conn('10.44.0.9', 'eni-0app', 8080, { when: w.hourly(30) });
      for (const day of range(-1, 30)) if (day !== 12) w.snapshot(day, (day * 7 + 24) % 24, 5);
      w.removable('sgr-0app2');
      w.says('analyze', /1 day \(2026-01-13\) has no snapshot/);
    },
  },
  {
    id: 'K01',
    kind: 'held-up',
    title: 'Twenty-four services that mislead, in the default format',
    situation: `
      FTP, NFS, remote procedure calls, gossip, IPsec, BGP, TFTP, syslog, TURN, multicast, load balancers that
      keep the client's address and more, in the default format. Each rule is needed by the service beside it.`,
    sources: [],
    fields: 'v2',
    build(w) {
      w.needed(...manyServices(w));
    },
  },
  {
    id: 'F37',
    kind: 'held-up',
    title: 'Rules for protocols by number, and types of ICMP',
    situation: `
      A host admits a dozen protocols by number, ICMP by type, and ICMPv6 by name and by number from a network
      inside. All came. The two rules for different types of ICMP do not stand in for each other.`,
    sources: ['hashicorp/terraform#1313', 'hashicorp/terraform#9092'],
    build(w) {
      const numbers = [50, 51, 47, 4, 41, 132, 2, 89, 112, 0, 255];
      w.host(
        'mix',
        '10.0.6.10',
        [
          ...numbers.map((number) => `in ${number} 10.8.0.0/16` as const),
          'in icmp 8 10.8.0.0/16',
          'in icmp 3/4 10.8.0.0/16',
          'in icmpv6 -1 2001:db8::/32',
        ],
        { ip6: ['2001:db8:ffff::10'] },
      );
      w.rule('sgr-0mixlast', 'in 58 2001:db8:1::/48');
      for (const number of numbers) {
        w.conn('10.8.0.1', 'eni-0mix', 0, { protocol: number, reply: false });
      }
      w.conn('10.8.0.1', 'eni-0mix', 0, { protocol: 'icmp', reply: false });
      w.conn('2001:db8:1::5', 'eni-0mix', 0, { protocol: 'icmpv6', reply: false });
      w.verdict('sgr-0mix12', 'active');
      w.verdict('sgr-0mix13', 'active');
      w.needed(...range(1, 14).map((i) => `sgr-0mix${i}`));
    },
  },
  {
    id: 'F21',
    kind: 'held-up',
    title: 'Parquet whose numbers are all double',
    situation: `
      A program made Parquet of the logs and wrote all numbers as double. Both ways of counting read it alike.`,
    sources: ['opensearch-project/opensearch-catalog#195'],
    days: 1,
    build(w) {
      w.shop();
      w.administer({ day: 0 });
      w.extraFiles.set('logs/part-0.parquet', parquetOf(w.take(), { numbers: 'double' }));
      reconcile(w, '2026-01-01');
      w.sameAs('analyze', 'reconcile');
      w.verdict('sgr-0web2', 'active');
    },
  },
  {
    id: 'C13',
    kind: 'control',
    title: 'High ports let in for answers that need no rule',
    situation: `
      An application calls out at 443 all day. Somebody opened its high ports to the Internet for the answers, which
      pass without a rule.`,
    sources: ['VPC User Guide, Security groups are stateful'],
    build(w) {
      w.host('app', '10.0.6.10', ['in tcp 1024-65535 0.0.0.0/0', 'out tcp 443 0.0.0.0/0']);
      w.conn('eni-0app', '52.1.2.3', 443, { when: w.hourly(4) });
      w.removable('sgr-0app1');
    },
  },
  {
    id: 'C14',
    kind: 'control',
    title: 'A mount whose SYN is seen needs no way in',
    situation: `
      A client mounts a file system from source port 890, and its flags are in the log. It also admits the portmapper
      and all reserved ports, which nobody calls.`,
    sources: ['VPC User Guide, Flow log records, tcp-flags'],
    build(w) {
      w.host('cli', '10.0.6.10', [
        'out tcp 2049 10.0.200.0/24',
        'in tcp 111 10.0.0.0/16',
        'in tcp 512-1023 10.0.0.0/16',
      ]);
      w.conn('eni-0cli', '10.0.200.5', 2049, { clientPort: 890, when: w.hourly(2) });
      w.removable('sgr-0cli2', 'sgr-0cli3');
    },
  },
  {
    id: 'C15',
    kind: 'control',
    title: 'A group reference that a CIDR stands in for',
    situation: `
      A database admits the application by its group, and the whole VPC besides. The rule for the group may go; another
      one for a port that nobody calls as well.`,
    sources: [],
    build(w) {
      w.host('app', '10.0.6.10', ['out -1 0.0.0.0/0']);
      w.host('db', '10.0.2.10', ['in tcp 5432 sg-0app', 'in tcp 5432 10.0.0.0/16', 'in tcp 6379 sg-0app']);
      w.conn('eni-0app', 'eni-0db', 5432, { when: w.hourly(3) });
      w.removable('sgr-0db1', 'sgr-0db3');
    },
  },
];
