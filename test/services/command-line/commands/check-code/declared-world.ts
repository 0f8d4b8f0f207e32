import { VISIT } from '../../evidence-world.ts';

/** What `test/terraform/changes` declares. */
export const DECLARED = {
  rules: {
    https: 'sg-a in tcp 443 0.0.0.0/0',
    old: 'sg-a in tcp 8080 0.0.0.0/0',
    db0: 'sg-b in tcp 5432 10.0.0.0/16',
    db9: 'sg-b in tcp 5432 10.9.0.0/16',
    ssh: 'sg-c in tcp 22 0.0.0.0/0',
    telnet: 'sg-c in tcp 23 0.0.0.0/0',
  },
  groups: ['sg-c vpc-1'],
  interfaces: ['eni-3 vpc-1 subnet-3 10.0.2.10 sg-c'],
  flowLogs: ['fl-1 vpc-1 ALL'],
  logs: {
    'fl-1': [VISIT, 'eni-2 10.0.0.10:50001 > 10.0.1.10:5432 6', 'eni-3 203.0.113.5:50002 > 10.0.2.10:22 6'],
  },
};
