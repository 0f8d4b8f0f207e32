import type { Case } from './case.ts';

const LUSTRE = 'FSx for Lustre guide, Limiting file system access with Amazon VPC (ports 988 and 1018-1023)';
const TRACKING =
  'EC2 User Guide, Security group connection tracking, idle timeouts (UDP 30 s, UDP stream 180 s, others)';

/** Which end opened a connection is not always to be told from the record, and an answer is not one for ever. */
export const READING: readonly Case[] = [
  {
    id: 'A06',
    kind: 'port-guess',
    title: 'Clients with reserved source ports that a rule names',
    situation: `
      A Lustre client opens connections from source ports 1018-1023 to port 988 of its file system. Its only
      way out to it is an egress rule for all ports; it also has the ingress rules for 988 and 1018-1023 that
      AWS asks for. The log is of the default format, without flags, so that the client's requests look like
      answers from 1021.`,
    sources: [LUSTRE],
    fields: 'v2',
    build(w) {
      w.host('cli', '10.0.7.10', [
        'in tcp 988 sg-0fsx',
        'in tcp 1018-1023 sg-0fsx',
        'out tcp 0-65535 sg-0fsx',
        'out tcp 443 0.0.0.0/0',
      ]);
      w.host('fsx', '10.0.8.10', ['in tcp 988 sg-0cli', 'in tcp 1018-1023 sg-0cli', 'out -1 0.0.0.0/0']);
      w.conn('eni-0cli', 'eni-0fsx', 988, { clientPort: 1021, when: w.hourly() });
      w.conn('eni-0cli', '52.1.2.3', 443, { when: w.daily() });
      w.needed('sgr-0cli3');
      w.simulateWarns('sgr-0cli3');
    },
  },
  {
    id: 'A06c',
    kind: 'port-guess',
    title: 'FSx for Lustre, set up word for word as its guide says',
    situation: `
      File servers and clients admit 988 and 1018-1023 from themselves and from each other and have the
      default egress, as the guide of the service says. Clients and servers open connections from 1018-1023 to
      988. Their egress rules carry all of them.`,
    sources: [LUSTRE],
    fields: 'v2',
    build(w) {
      for (const [own, other] of [
        ['cli', 'fsx'],
        ['fsx', 'cli'],
      ] as const) {
        w.host(own, own === 'cli' ? '10.0.7.10' : '10.0.8.10', [
          ...[own, other].flatMap((peer) => [`in tcp 988 sg-0${peer}`, `in tcp 1018-1023 sg-0${peer}`] as const),
          'out -1 0.0.0.0/0',
        ]);
      }
      w.eni('eni-0fsxb', '10.0.8.11', ['sg-0fsx']);
      w.conn('eni-0cli', 'eni-0fsx', 988, { clientPort: 1021, when: w.hourly() });
      w.conn('eni-0cli', 'eni-0fsxb', 988, { clientPort: 1022, when: w.hourly() });
      w.conn('eni-0fsx', 'eni-0fsxb', 988, { clientPort: 1023, when: w.hourly() });
      w.needed('sgr-0cli5', 'sgr-0fsx5');
    },
  },
  {
    id: 'P01',
    kind: 'port-guess',
    title: 'An NFS client whose source port is one of its own services',
    situation: `
      A machine exports files (its mountd listens at 892) and mounts a file system elsewhere. The client's
      kernel happened to take source port 892 for that mount, and keeps it for as long as it is mounted. Its
      egress rule carries the mount.`,
    sources: [
      'nfs(5), resvport: a privileged source port is the default; EFS guide, Recommended NFS mount options (noresvport)',
    ],
    fields: 'v2',
    build(w) {
      w.host('nfs', '10.0.20.10', ['out -1 0.0.0.0/0', 'in tcp 892 10.0.0.0/16']);
      w.conn('eni-0nfs', '10.0.200.5', 2049, { clientPort: 892, when: w.hourly() });
      w.needed('sgr-0nfs1');
    },
  },
  {
    id: 'B11',
    kind: 'port-guess',
    title: 'Traps that devices send from port 161',
    situation: `
      A management station polls devices at UDP 161 and takes their traps at 10162. The devices send traps
      from port 161, so that a trap looks like the answer to a poll.`,
    sources: ['RFC 3417, section 3.2: agents listen at UDP 161; the source port of a notification is not prescribed'],
    build(w) {
      w.host('nms', '10.0.6.10', ['in udp 10162 10.44.0.0/16', 'out udp 161 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0nms', 10162, { clientPort: 161, protocol: 'udp', reply: false, when: w.daily(3) });
      w.conn('eni-0nms', '10.44.0.8', 161, { protocol: 'udp', when: w.hourly(30) });
      w.needed('sgr-0nms1');
    },
  },
  {
    id: 'A07',
    kind: 'tracking-expired',
    title: 'A server that calls its clients back after forty minutes',
    situation: `
      Phones register with a SIP server by UDP once an hour. Forty minutes later the server sends a call to a
      phone, from 5060 to the port that it registered from. Nothing of the registration is tracked after 30
      seconds (180 for a stream), so the egress rule lets the call out.`,
    sources: [TRACKING],
    build(w) {
      w.host('sip', '10.0.9.10', ['in udp 5060 198.51.100.0/24', 'out udp 1024-65535 198.51.100.0/24']);
      for (const h of [8, 9, 10]) {
        w.conn('198.51.100.7', 'eni-0sip', 5060, { clientPort: 40123, protocol: 'udp', when: w.daily(h) });
        w.conn('eni-0sip', '198.51.100.7', 40123, {
          clientPort: 5060,
          protocol: 'udp',
          when: w.daily(h).map((time) => time + 40 * 60),
        });
      }
      w.needed('sgr-0sip2');
      w.simulateWarns('sgr-0sip2');
    },
  },
  {
    id: 'P04',
    kind: 'tracking-expired',
    title: 'An answer that comes 45 seconds late',
    situation: `
      A RADIUS server asks the user's telephone before it answers, which takes 45 seconds. By then the request
      is no longer tracked (UDP, 30 seconds), and the answer passes by the egress rule alone.`,
    sources: [TRACKING],
    build(w) {
      w.host('mfa', '10.0.9.10', ['in udp 1812 10.44.0.0/16', 'out udp 0-65535 10.44.0.0/16']);
      for (const t of [...w.daily(8), ...w.daily(13)]) {
        w.record('eni-0mfa', 'ingress', ['10.44.6.7', 50000], ['10.0.9.10', 1812], t, {
          protocol: 17,
          seconds: 1,
          packets: 1,
        });
        w.record('eni-0mfa', 'egress', ['10.0.9.10', 1812], ['10.44.6.7', 50000], t + 46, {
          protocol: 17,
          seconds: 1,
          packets: 1,
        });
      }
      w.needed('sgr-0mfa2');
    },
  },
  {
    id: 'P06',
    kind: 'port-guess',
    title: 'Data connections of FTP over TLS',
    situation: `
      A server of FTP over TLS listens at 990 and opens its data connections from 989 to ports of the clients; its
      rules admit 989-990 and let it out to high ports. Without flags the data connections look like answers from 989.`,
    sources: ['IANA, Service Name and Transport Protocol Port Number Registry: ftps-data 989, ftps 990'],
    fields: 'v2',
    build(w) {
      w.host('ftps', '10.0.6.10', ['in tcp 989-990 198.51.100.0/24', 'out tcp 1024-65535 198.51.100.0/24']);
      w.conn('198.51.100.7', 'eni-0ftps', 990, { when: w.hourly(1) });
      for (const port of [50101, 50102, 50103, 50104]) {
        w.conn('eni-0ftps', '198.51.100.7', port, { clientPort: 989, when: w.daily(5) });
      }
      w.needed('sgr-0ftps1', 'sgr-0ftps2');
    },
  },
  {
    id: 'P07',
    kind: 'control',
    title: 'A database connection that is kept open for a month',
    situation: `
      An application opened one connection to its database before the logs begin, and keeps it: no record has a SYN.
      Both ends have a rule for each other's high ports, as if answers needed one. Those are not used.`,
    sources: ['VPC User Guide, Security groups are stateful'],
    build(w) {
      w.host('app', '10.0.6.10', ['out tcp 5432 sg-0db', 'in tcp 32768-60999 10.0.2.0/24']);
      w.host('db', '10.0.2.10', ['in tcp 5432 sg-0app', 'out tcp 32768-60999 10.0.6.0/24']);
      w.conn('eni-0app', 'eni-0db', 5432, { clientPort: 41000, when: w.hourly(2), syn: false });
      w.needed('sgr-0app1', 'sgr-0db1');
      w.removable('sgr-0app2', 'sgr-0db2');
    },
  },
  {
    id: 'P08',
    kind: 'tracking-expired',
    title: 'A VPN server that pings a silent client',
    situation: `
      An OpenVPN client at home says nothing for an hour, and its server pings it every ten minutes, from 1194 to the
      port that it came from. After 180 seconds nothing of the client is tracked: the egress rule lets the pings out.`,
    sources: [TRACKING],
    build(w) {
      w.host('vpn', '10.0.9.10', ['in udp 1194 198.51.100.0/24', 'out udp 0-65535 198.51.100.0/24']);
      for (const t of w.daily(8)) {
        w.record('eni-0vpn', 'ingress', ['198.51.100.7', 50000], ['10.0.9.10', 1194], t, { protocol: 17 });
        for (const minutes of [10, 20, 30, 40, 50]) {
          w.record('eni-0vpn', 'egress', ['10.0.9.10', 1194], ['198.51.100.7', 50000], t + minutes * 60, {
            protocol: 17,
            seconds: 1,
            packets: 1,
          });
        }
      }
      w.needed('sgr-0vpn2');
    },
  },
];
