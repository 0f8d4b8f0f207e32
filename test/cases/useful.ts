import type { Case } from './case.ts';
import { at, range } from './clock.ts';
import { twoDigits } from './worlds.ts';

const NEW_FORMAT =
  'VPC User Guide, Flow log limitations: the format cannot be changed; delete the flow log and create a new one';

/** Safe but needlessly dark: what is here shows that these rules admitted nothing, and a tool worth having says so. */
export const USEFUL: readonly Case[] = [
  {
    id: 'N01',
    kind: 'needlessly-dark',
    title: 'A format without log-status',
    situation: `
      A custom format lacks log-status. The idle hours of a machine come as lines of dashes, one in three
      lines. They tell that nothing passed, and are not damaged.`,
    sources: ['VPC User Guide, Flow log records (custom formats; "-" where a field has no value)'],
    fields: [
      ...['interface-id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'start', 'end'],
      ...['action', 'tcp-flags', 'flow-direction', 'vpc-id'],
    ],
    build(w) {
      w.rule('sgr-0web2', 'in tcp 8080 0.0.0.0/0');
      w.eni('eni-0idle', '10.0.0.11', ['sg-0web']);
      w.useful('sgr-0web2');
    },
  },
  {
    id: 'N03',
    kind: 'needlessly-dark',
    title: 'The flow log was made anew',
    situation: `
      On the nineteenth day the flow log was deleted and made anew, since its format could not be changed. The
      files of both are here, and all thirty days were read; the list of flow logs knows the new one only.`,
    sources: [NEW_FORMAT],
    background: 0,
    build(w) {
      w.conn('203.0.113.5', 'eni-0web', 443, { when: w.hourly() });
      w.rule('sgr-0web2', 'in tcp 8080 0.0.0.0/0');
      w.flowLog('fl-0a', 'vpc-0a', { until: at(18, 10), listed: false });
      w.flowLog('fl-0e', 'vpc-0a', { since: at(18, 10), created: '2026-01-19T10:00:00.000Z' });
      w.useful('sgr-0web2');
    },
  },
  {
    id: 'N04',
    kind: 'needlessly-dark',
    title: 'An unknown interface in another VPC',
    situation: `
      Two VPCs have a flow log each, of the default format. In the big one, an interface that no inventory
      knows has less than one record in a hundred. In the small one every interface is known; the name of each
      file tells which flow log, and so which VPC, it is of.`,
    sources: [
      'VPC User Guide, Flow log records (the default format has no vpc-id); Flow log files (the name has the flow log id)',
    ],
    fields: 'v2',
    background: 5,
    build(w) {
      w.gone('eni-0dead', '10.0.9.9');
      w.conn('eni-0dead', '52.1.2.3', 443, { when: w.daily() });
      w.vpc('vpc-0b', '10.1.0.0/16');
      w.flowLog('fl-0b', 'vpc-0b');
      w.host('small', '10.1.0.10', ['in tcp 443 0.0.0.0/0', 'in tcp 8080 0.0.0.0/0'], {
        vpc: 'vpc-0b',
        subnet: 'subnet-0b',
      });
      w.conn('203.0.113.6', 'eni-0small', 443, { when: w.hourly() });
      w.useful('sgr-0small2');
    },
  },
  {
    id: 'N05',
    kind: 'needlessly-dark',
    title: 'Auto scaling, and one inventory',
    situation: `
      Two of three web servers are replaced every day; the inventory is of the last day, the logs are of
      thirty. A third of the records is of interfaces that are gone. All that they did is in the logs, and
      none of it could have passed by the two rules for other ports.`,
    sources: ['EC2 Auto Scaling guide (instances, and their interfaces, are replaced)'],
    background: 0,
    build(w) {
      w.rule('sgr-0web2', 'in tcp 8080 0.0.0.0/0');
      w.rule('sgr-0web3', 'out tcp 5432 10.0.2.0/24');
      w.host('db', '10.0.2.10', ['in tcp 5432 10.0.0.0/16', 'in tcp 3306 10.0.0.0/16']);
      w.conn('203.0.113.5', 'eni-0web', 443, { when: w.hourly() });
      w.conn('eni-0web', 'eni-0db', 5432, { when: w.hourly(30) });
      for (const d of range(0, 30)) {
        for (const i of range(0, 2)) {
          const [id, ip] = [`eni-0w${twoDigits(d)}${i}`, `10.0.${30 + d}.${10 + i}`];
          const server = d < 29 ? w.gone(id, ip) : w.eni(id, ip, ['sg-0web'], { since: at(29) });
          w.conn('203.0.113.5', server, 443, { when: range(0, 24, 3).map((h) => at(d, h)) });
          w.conn(server, 'eni-0db', 5432, { when: range(0, 24, 3).map((h) => at(d, h, 10)) });
        }
      }
      w.useful('sgr-0web2', 'sgr-0db2');
    },
  },
  {
    id: 'N06',
    kind: 'needlessly-dark',
    title: 'Three files of inventory, and a machine of yesterday',
    situation: `
      The inventory has the three files that are needed, and no list of flow logs. One web server was there
      for all thirty days, another was launched two days ago. The second one cannot have been seen before it
      existed.`,
    sources: [],
    build(w) {
      w.leftOut.add('flow-logs');
      w.leftOut.add('vpcs');
      w.rule('sgr-0web2', 'in tcp 8080 0.0.0.0/0');
      w.eni('eni-0two', '10.0.0.11', ['sg-0web'], { since: at(28) });
      w.conn('203.0.113.5', 'eni-0two', 443, { when: w.hourly(0, range(28, 30)) });
      w.useful('sgr-0web2');
    },
  },
  {
    id: 'N11',
    kind: 'needlessly-dark',
    title: 'Fifteen minutes of skipped records in thirty days',
    situation: `
      For a quarter of an hour of one day the log of a quiet machine was skipped, which makes one line in a
      hundred of its lines. The other twenty-nine days are whole: a day less than one in twenty, which is what
      may be missing.`,
    sources: ['VPC User Guide, Flow log records: SKIPDATA'],
    build(w) {
      w.rule('sgr-0web2', 'in tcp 8080 0.0.0.0/0');
      w.status(
        'eni-0web',
        'SKIPDATA',
        range(1, 16).map((m) => at(3, 10, m)),
      );
      w.useful('sgr-0web2');
    },
  },
  {
    id: 'F20',
    kind: 'needlessly-dark',
    title: 'Files of the other flow log are here for one day only',
    situation: `
      Two flow logs record the same VPC. Of the one whose id is smaller, the folder has the second day only;
      of the other it has all thirty. A record is a duplicate only where both logs tell of it: the use of the
      other days counts.`,
    sources: [],
    build(w) {
      w.shop();
      w.administer();
      w.flowLog('fl-0b', 'vpc-0a');
      w.flowLog('fl-0a', 'vpc-0a', { delivered: (start) => start >= at(1, 0) && start < at(2, 0) });
      w.verdict('sgr-0web2', 'active');
      w.usedTimes('sgr-0web1', 720);
    },
  },
];
