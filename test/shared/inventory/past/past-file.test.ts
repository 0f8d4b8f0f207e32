import { expect, test } from '@jest/globals';
import { toldByCloudTrail } from '../../../../shared/inventory/past/cloudtrail-events.ts';
import { pastText, readPast, type RecalledPast } from '../../../../shared/inventory/past/past-file.ts';
import type { Life } from '../../../../shared/inventory/past/past.ts';
import { pastOf } from '../../../../shared/inventory/past/past-of.ts';
import { awsRule, inventoryOf } from '../aws-shorthand.ts';
import { askedFor, authorizedEvent, editedEvent, EVENTS, eventOf, eventPages } from './events.ts';

const AT = Date.UTC(2026, 0, 10) / 1000;
const WEB = 'in tcp 443 10.0.0.0/8';

/** What all fixtures tell, and rules that stand, that were edited, and that contradict what is told. */
function recalled(): RecalledPast {
  const rules = [awsRule(WEB), awsRule('in udp 53 10.0.0.0/8', { SecurityGroupRuleId: 'sgr-2' })];
  const group = { GroupId: 'sg-1', VpcId: 'vpc-1' };
  const now = inventoryOf({ groups: [group], rules });
  const whole = ['ModifyNetworkInterfaceAttribute', 'ModifyInstanceAttribute'].map((name) =>
    askedFor(name, AT - 1e8, AT),
  );
  const pages = [
    ...eventPages(...EVENTS.map((name) => eventOf(name))),
    ...eventPages(authorizedEvent(AT - 200, 'in tcp 22 10.0.0.0/8'), editedEvent(AT - 100, WEB)),
    ...eventPages(authorizedEvent(AT - 90, 'in tcp 23 10.0.0.0/8', 'sgr-2')),
    ...whole.map((value) => ({ source: 'x', value })),
  ];
  return {
    past: pastOf(toldByCloudTrail(pages), now, AT),
    until: AT,
    wholeSince: AT - 1000,
    missing: ['all x'],
  };
}

test('what is written is what is read, but for the end of what still stood', () => {
  const given = recalled();
  const { past } = given;
  for (const some of [past.ages, past.changes, past.formerGroups]) expect(some.size).toBeGreaterThan(0);
  for (const some of [past.rules, past.entries, past.interfaces, past.problems]) expect(some.length).toBeGreaterThan(0);
  expect([...past.ages.values()].some(({ since }) => since === Infinity)).toBe(true);
  expect(past.rules.some(({ from }) => from === -Infinity)).toBe(true);
  expect(past.rules.some(({ until }) => until === Infinity)).toBe(true);
  const ended = <T>(lives: readonly Life<T>[]) =>
    lives.map(({ of, from, until, source }) => ({ of, from, until: Math.min(until, AT), source }));
  expect(readPast(pastText(given))).toEqual({
    ...given,
    past: { ...past, rules: ended(past.rules), entries: ended(past.entries), interfaces: ended(past.interfaces) },
  });
});

test('of another version nothing is read', () => {
  expect(readPast(pastText(recalled()).replace('"version":1', '"version":2'))).toBeUndefined();
});
