import { join } from 'node:path';
import type { Case } from './case.ts';
import { at, range } from './clock.ts';
import { afterRemoval, storeIn, watch } from './worlds.ts';

const TYPES = 'EC2 API reference, CreateFlowLogs: TrafficType ACCEPT, REJECT or ALL';

/** Commands that are there for safety, and logs that cannot show what they are asked for. */
export const SAFETY: readonly Case[] = [
  {
    id: 'F06',
    kind: 'deaf-log',
    title: 'A flow log of rejected traffic only',
    situation: `
      A VPC has a flow log of type REJECT, and the inventory holds no list of flow logs. Every rule but one is
      used all day, which this log can never show; it has rejected records and NODATA. Not one accepted record
      was read, so nothing is known of use.`,
    sources: [TYPES, 'unverified: that AWS writes NODATA into such a log'],
    truth: 'unverified',
    background: 0,
    build(w) {
      w.leftOut.add('flow-logs');
      w.flowLog('fl-0a', 'vpc-0a', { traffic: 'REJECT' });
      w.shop();
      w.conn('203.0.113.5', 'eni-0web', 443, { when: w.hourly() });
      w.reject('eni-0web', ['203.0.113.9', 50001], ['10.0.0.10', 23], w.daily(6));
      for (const eni of ['eni-0web', 'eni-0db']) {
        w.status(eni, 'NODATA', w.hourly(10));
      }
      w.needed('sgr-0web1', 'sgr-0web3', 'sgr-0db1');
    },
  },
  {
    id: 'F09a',
    kind: 'deaf-log',
    title: 'After the removal, a log that holds no rejections',
    situation: `
      A rule was removed. The flow log of the VPC records accepted traffic only, as its description says, so
      it cannot show whether anybody is turned away since. The check after the removal must not end as if all
      were well.`,
    sources: [TYPES],
    build(w) {
      w.flowLog('fl-0a', 'vpc-0a', { traffic: 'ACCEPT' });
      w.shop();
      afterRemoval(w);
      w.reject('eni-0web', ['10.9.3.3', 50000], ['10.0.0.10', 8443], w.daily(9));
      w.exits('check-plan', 'notZero');
    },
  },
  {
    id: 'F09b',
    kind: 'deaf-log',
    title: 'After the removal, rejections at an interface made since',
    situation: `
      A rule was removed, and the first machine to miss it was made after that: fifty of its records are
      rejections at the removed rule's port. It is not in the inventory of before. The check must count and
      name what it cannot judge.`,
    sources: [],
    build(w) {
      w.shop();
      afterRemoval(w);
      w.gone('eni-0made', '10.0.0.77');
      w.reject('eni-0made', ['10.9.3.3', 50000], ['10.0.0.77', 8443], w.hourly(0, range(31, 33)));
      w.exits('check-plan', 'notZero');
      w.says('check-plan', /eni-0made/i);
    },
  },
  {
    id: 'F09f',
    kind: 'hours-not-heard',
    title: 'After the removal, one hour of three days',
    situation: `
      A rule was removed, and of the days since only the files of the first hour were copied. Whoever misses the rule
      comes later in the day. The check must not end as if all were well.`,
    sources: ['VPC User Guide, Flow log files: objects are published every five minutes'],
    build(w) {
      w.shop();
      afterRemoval(w);
      w.flowLog('fl-0a', 'vpc-0a', { per: 'hour', delivered: (time) => time < at(31, 1) });
      w.exits('check-plan', 'notZero');
    },
  },
  {
    id: 'F09g',
    kind: 'covered-on-paper',
    title: 'After the removal, no line of the interface that lost the rule',
    situation: `
      A rule of the web server was removed. The flow log of the VPC was read, but for the lines of the web server:
      nobody knows whether anybody was turned away there.`,
    sources: ['VPC User Guide, Flow log records: an interface without traffic has NODATA records'],
    build(w) {
      w.shop();
      afterRemoval(w);
      w.flowLog('fl-0a', 'vpc-0a', { delivered: (time, eni) => time < at(31, 0) || eni !== 'eni-0web' });
      w.exits('check-plan', 'notZero');
    },
  },
  {
    id: 'F09d',
    kind: 'control',
    title: 'After the removal, nobody is turned away',
    situation: `
      A rule was removed and nobody missed it; a scanner was rejected at another port, as before. The check
      ends well.`,
    sources: [],
    build(w) {
      w.shop();
      afterRemoval(w);
      w.reject('eni-0web', ['203.0.113.9', 50001], ['10.0.0.10', 23], w.daily(6));
      w.exits('check-plan', 0);
    },
  },
  {
    id: 'F09e',
    kind: 'control',
    title: 'After the removal, somebody is turned away',
    situation: `
      A rule was removed, and its monthly user is rejected at the port. The check must end with 1 and name the
      rule.`,
    sources: [],
    build(w) {
      w.shop();
      afterRemoval(w);
      w.reject('eni-0web', ['10.9.3.3', 50000], ['10.0.0.10', 8443], w.daily(9));
      w.exits('check-plan', 1);
      w.says('check-plan', /sgr-0web2/i);
    },
  },
  {
    id: 'F10',
    kind: 'cannot-tell-as-cover',
    title: 'Another type of ICMP is no stand-in',
    situation: `
      A rule admits echo (ICMP type 8) and another one "fragmentation needed" (type 3, code 4) from the same
      network. ICMP came from there every day; the log does not tell the type. If the echo rule went, those
      packets may have lost their only way.`,
    sources: ['VPC User Guide, Flow log record examples: type and code of ICMP are not recorded'],
    build(w) {
      w.host('mon', '10.0.6.10', ['in icmp 8 10.8.0.0/16', 'in icmp 3/4 10.8.0.0/16']);
      w.conn('10.8.0.1', 'eni-0mon', 0, { protocol: 'icmp', when: w.hourly() });
      w.needed('sgr-0mon1', 'sgr-0mon2');
      w.simulateWarns('sgr-0mon1');
    },
  },
  {
    id: 'W1',
    kind: 'held-up',
    title: 'The night must not be counted with a poorer inventory',
    situation: `
      A day was counted as its files came. The day after, it is counted as a whole with a newer inventory, in
      which the busiest interface is no longer. That must not replace what was counted: it is refused, and the
      interface named.`,
    sources: [],
    days: 1,
    build(w) {
      w.aside('poorer');
      w.host('app', '10.0.6.10', ['in tcp 8080 10.44.0.0/16']);
      w.conn('10.44.0.9', 'eni-0app', 8080, { when: w.hourly(30) });
      watch(w);
      w.run('reconcile', ({ root, logs }) => [
        ...['reconcile', '--inventory', join(root, 'poorer'), '--logs', logs, '--day', '2026-01-01'],
        ...['--store', storeIn(root), '--out', join(root, 'night')],
      ]);
      w.exits('reconcile', 'notZero');
      w.says('reconcile', /eni-0app/i);
    },
  },
];
