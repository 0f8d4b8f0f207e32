import type { Case } from './case.ts';
import { at, range } from './clock.ts';

/** Narrower rules that are offered without a caveat and shut out what is needed. */
export const NARROWER: readonly Case[] = [
  {
    id: 'B07',
    kind: 'narrower',
    title: 'A narrower rule from half of the interfaces',
    situation: `
      A group is on two machines; the subnet of one has no flow log. The one that is seen serves 443 to three
      clients. The other one serves 8443 to another network. A rule for all ports from 10.0.0.0/8 serves both.`,
    sources: ['VPC User Guide, Flow log limitations'],
    background: null,
    build(w) {
      w.vpc();
      w.flowLog('fl-0a', 'subnet-0a');
      w.group('sg-0fleet');
      w.rule('sgr-0fleet1', 'in tcp 0-65535 10.0.0.0/8');
      w.eni('eni-0f1', '10.0.13.10', ['sg-0fleet']);
      w.eni('eni-0f2', '10.0.14.10', ['sg-0fleet'], { subnet: 'subnet-0b' });
      for (const i of range(0, 3)) {
        w.conn(`10.44.0.${5 + i}`, 'eni-0f1', 443, { when: w.hourly(i) });
        w.conn(`10.45.0.${5 + i}`, 'eni-0f2', 8443, { when: w.hourly(i) });
      }
      w.verdict('sgr-0fleet1', 'active');
      w.admits('sgr-0fleet1', 'tcp', 8443, '10.45.0.5');
    },
  },
  {
    id: 'B08',
    kind: 'narrower',
    title: 'Peers whose addresses change every day',
    situation: `
      A server calls public endpoints at 443, which answer from another address each day, and is called by a
      fleet whose tasks get any free address of their subnet. A proposal of the addresses of the last thirty
      days shuts out those of tomorrow.`,
    sources: [
      'VPC User Guide, AWS IP address ranges (public endpoints answer from wide ranges that change)',
      'ECS guide, awsvpc network mode (every task gets an address of the subnet)',
    ],
    build(w) {
      w.host('app', '10.0.6.10', ['out tcp 443 0.0.0.0/0', 'in tcp 8080 10.0.0.0/16']);
      for (const d of range(0, 30)) {
        for (const ip of [
          `52.94.${5 + d}.${17 + d * 3}`,
          `3.5.${64 + d}.${9 + d}`,
          `54.239.${28 + d}.8`,
          `104.16.${132 + d}.35`,
        ]) {
          w.conn('eni-0app', ip, 443, { when: [at(d, 9)] });
        }
        for (const i of range(0, 2)) {
          w.conn(`10.0.20.${10 + ((d * 37 + i * 11) % 120)}`, 'eni-0app', 8080, { when: [at(d, 10), at(d, 16)] });
        }
      }
      w.verdict('sgr-0app1', 'active');
      w.verdict('sgr-0app2', 'active');
      w.admits('sgr-0app1', 'tcp', 443, '52.94.200.12');
      w.admits('sgr-0app1', 'tcp', 443, '18.155.68.9');
      w.admits('sgr-0app2', 'tcp', 8080, '10.0.20.250');
    },
  },
];
