import { join } from 'node:path';
import type { Case } from './case.ts';
import { at, DAY, HOUR, range } from './clock.ts';
import { KNOWN_SINCE } from './run-steps.ts';
import { twoDigits } from './worlds.ts';

const LIMITS = 'VPC User Guide, Flow log limitations';
const STATUS = 'VPC User Guide, Flow log records: one SKIPDATA record can represent multiple flows';

/** Silence that means less than it seems: who was there, since when, and who was listened to. */
export const AGE: readonly Case[] = [
  {
    id: 'A03',
    kind: 'no-interface',
    title: 'A function scaled to zero, to whose group the database refers',
    situation: `
      A monthly function has no interface now, and had none in these 30 days; its group keeps its rules, and
      the database's group admits it. All three rules are needed the next time the function runs.`,
    sources: [
      'Lambda guide, Giving functions access to resources in a VPC: interfaces of idle functions are reclaimed',
      'aws-solutions/automated-security-response-on-aws#57 (group in use by reference only)',
    ],
    build(w) {
      w.group('sg-0lambda');
      w.rule('sgr-0lambda1', 'out tcp 5432 sg-0db');
      w.rule('sgr-0lambda2', 'out tcp 443 0.0.0.0/0');
      w.host('db', '10.0.2.10', ['in tcp 5432 sg-0lambda', 'in tcp 5432 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0db', 5432, { when: w.hourly(30) });
      w.needed('sgr-0lambda1', 'sgr-0lambda2', 'sgr-0db1');
    },
  },
  {
    id: 'A09',
    kind: 'young',
    title: 'The first machine was launched yesterday evening',
    situation: `
      A group and its rules were made months ago; the first machine that carries it was launched at 20:00 of
      the last day. Thirty days of silence are claimed of a rule that could be used for four hours. A partner
      begins tomorrow.`,
    sources: [],
    build(w) {
      w.host('new', '10.0.12.10', ['in tcp 8443 10.44.0.0/16', 'out tcp 443 0.0.0.0/0'], { since: at(29, 20) });
      w.conn('eni-0new', '52.1.2.3', 443, { when: range(20, 24).map((h) => at(29, h, 30)) });
      w.needed('sgr-0new1');
    },
  },
  {
    id: 'H01',
    kind: 'young',
    title: 'The group came onto an interface on the last of thirty days',
    situation: `
      Snapshots of every night hold a group and its rules from the first on; its first interface is in the one
      of the last day, 12:00. Its rules were in force for twelve hours.`,
    sources: [],
    build(w) {
      w.group('sg-0new');
      w.rule('sgr-0new1', 'in tcp 8443 10.44.0.0/16');
      w.rule('sgr-0new2', 'in tcp 22 10.44.0.0/16');
      w.rule('sgr-0new3', 'out tcp 443 0.0.0.0/0');
      w.snapshotDaily();
      w.snapshot(29, 12).eni('eni-0new', '10.0.12.10', ['sg-0new'], { since: at(29, 12) });
      w.conn('eni-0new', '52.1.2.3', 443, { when: range(12, 24).map((h) => at(29, h, 30)) });
      w.needed('sgr-0new1', 'sgr-0new2');
    },
  },
  {
    id: 'H02',
    kind: 'young',
    title: 'The partner was added to the prefix list yesterday',
    situation: `
      A rule names a prefix list of the customer for 30 days. On the last day the block of a new partner was
      added to the list: of what the rule lets in since, one day was seen. The rule's own text never changed.`,
    sources: ['VPC User Guide, Work with customer-managed prefix lists'],
    build(w) {
      w.prefixList('pl-0partner', 'partners', ['192.0.2.0/28']);
      w.host('api', '10.0.6.10', ['in tcp 8443 pl-0partner', 'in tcp 443 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0api', 443, { when: w.hourly(30) });
      w.snapshotDaily();
      w.snapshot(29, 12).prefixList('pl-0partner', 'partners', ['192.0.2.0/28', '198.51.100.0/24']);
      w.needed('sgr-0api1');
    },
  },
  {
    id: 'A10',
    kind: 'averages',
    title: 'One of twenty interfaces is in a subnet without a flow log',
    situation: `
      A group is on twenty interfaces, nineteen of them in a subnet with a flow log. The twentieth is in a
      subnet without one, and it alone is reached at 9000. On the average 95 of 100 interface-days were seen.`,
    sources: [LIMITS],
    background: null,
    build(w) {
      w.vpc();
      w.flowLog('fl-0a', 'subnet-0a');
      w.group('sg-0fleet');
      w.rule('sgr-0fleet1', 'in tcp 443 0.0.0.0/0');
      w.rule('sgr-0fleet2', 'in tcp 9000 10.44.0.0/16');
      for (const i of range(0, 19)) {
        w.eni(`eni-0f${twoDigits(i)}`, `10.0.13.${10 + i}`, ['sg-0fleet']);
        w.conn('203.0.113.5', `eni-0f${twoDigits(i)}`, 443, { when: w.daily(i) });
      }
      w.eni('eni-0f99', '10.0.14.10', ['sg-0fleet'], { subnet: 'subnet-0b' });
      w.conn('10.44.0.9', 'eni-0f99', 9000);
      w.needed('sgr-0fleet2');
    },
  },
  {
    id: 'D03',
    kind: 'averages',
    title: 'The log of one interface was skipped for four days',
    situation: `
      Ten interfaces carry a group. On four of thirty days the log of one of them holds nothing but SKIPDATA:
      a burst that could not be recorded, in which alone the rule for 9000 was used. Of all records of the
      group that is less than one in a hundred.`,
    sources: [STATUS],
    background: 0,
    build(w) {
      w.group('sg-0fleet');
      w.rule('sgr-0fleet1', 'in tcp 443 0.0.0.0/0');
      w.rule('sgr-0fleet2', 'in tcp 9000 10.44.0.0/16');
      for (const i of range(0, 10)) {
        const lost = i === 9 ? range(10, 14) : [];
        w.eni(`eni-0f${i}`, `10.0.7.${10 + i}`, ['sg-0fleet']);
        w.conn('203.0.113.5', `eni-0f${i}`, 443, {
          when: w.hourly(
            0,
            range(0, 30).filter((d) => !lost.includes(d)),
          ),
        });
        w.status(`eni-0f${i}`, 'SKIPDATA', w.hourly(0, lost));
      }
      w.needed('sgr-0fleet2');
    },
  },
  {
    id: 'B02',
    kind: 'averages',
    title: 'A standby from which no record ever came',
    situation: `
      A warm standby for disaster recovery has its interface and its group; the flow log of the VPC covers it,
      and in thirty days there is no record of it at all. When the failover comes it needs its rules.`,
    sources: ['VPC User Guide, Flow log limitations: no data until there is active traffic for the interface'],
    build(w) {
      w.host('dr', '10.0.6.10', ['in tcp 5432 10.44.0.0/16', 'out tcp 443 0.0.0.0/0'], { noData: false });
      w.needed('sgr-0dr1', 'sgr-0dr2');
    },
  },
  {
    id: 'A11',
    kind: 'hours-not-heard',
    title: 'Only the files of the first six hours of each day were copied',
    situation: `
      A copy of the logs stopped half-way: of every day only the files of 00:00 to 06:00 are there. A rule is
      used every day at 14:00, and that is in the files which are not.`,
    sources: [
      'VPC User Guide, Flow log files: objects are published every five minutes, below a folder for the day or hour',
    ],
    build(w) {
      w.flowLog('fl-0a', 'vpc-0a', { per: 'hour', delivered: (start) => start % DAY < 6 * HOUR });
      w.host('app', '10.0.6.10', ['in tcp 8080 10.44.0.0/16', 'in tcp 443 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0app', 443, { when: w.hourly(30) });
      w.conn('10.44.0.9', 'eni-0app', 8080, { when: w.daily(14) });
      w.needed('sgr-0app1');
    },
  },
  {
    id: 'A12',
    kind: 'hours-not-heard',
    title: 'One day of logs is no ground for a plan',
    situation: `
      One day of logs was read, and somebody vouches that the rules have stood since June. A weekly job, which
      did not run on that day, needs its rule: whatever one day did not show must not go into a plan unless
      asked for.`,
    sources: [],
    days: 1,
    build(w) {
      w.host('app', '10.0.6.10', ['in tcp 8080 10.44.0.0/16', 'in tcp 443 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0app', 443, { when: w.hourly(30) });
      w.run('plan', ({ out, newest, plan }) => [
        ...['plan', '--report', join(out, 'usage.json'), '--evidence', out, '--inventory', newest],
        ...['--out', plan, '--rules-known-since', KNOWN_SINCE],
      ]);
      w.mayRefuse('plan', 'day');
      w.notPlanned('sgr-0app1');
    },
  },
  {
    id: 'F66',
    kind: 'covered-on-paper',
    title: 'The lines of one interface were picked out of the logs',
    situation: `
      Somebody kept only the lines of the database from the logs of a whole VPC. By the list of flow logs the
      web server is covered; not one line is of it, though it is busy all day.`,
    sources: ['awsdocs/amazon-vpc-user-guide#86 (idle interfaces and NODATA)'],
    build(w) {
      w.flowLog('fl-0a', 'vpc-0a', { delivered: (_, interfaceId) => interfaceId === 'eni-0db' });
      w.host('db', '10.0.2.10', ['in tcp 5432 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0db', 5432, { when: w.hourly(30) });
      w.needed('sgr-0web1');
    },
  },
  {
    id: 'H06',
    kind: 'held-up',
    title: 'An interface moved from one group to another in the middle of a day',
    situation: `
      An interface carries one group until noon of the sixth day and another one from then on; each group's
      rule is used while it carries it. Both rules are in use.`,
    sources: [],
    build(w) {
      w.host('a', '10.0.6.20', ['in tcp 8080 10.44.0.0/16']);
      w.host('b', '10.0.6.21', ['in tcp 9090 10.44.0.0/16']);
      w.eni('eni-0m', '10.0.6.10', ['sg-0a']);
      w.snapshotDaily(range(-1, 6));
      w.eni('eni-0m', '10.0.6.10', ['sg-0b']);
      w.snapshot(5, 12, 5);
      w.snapshotDaily(range(6, 30));
      w.conn('10.44.0.9', 'eni-0m', 8080, { when: [at(5, 10)], times: 3 });
      w.conn('10.44.0.9', 'eni-0m', 9090, { when: [at(5, 14)], times: 3 });
      w.verdict('sgr-0a1', 'active');
      w.verdict('sgr-0b1', 'active');
    },
  },
];
