import { readdirSync, readFileSync } from 'node:fs';
import { isoTime } from '../../../../shared/time.ts';
import { ruleFields } from '../../../shorthand/rule.ts';
import { awsRule, pagesOf } from '../aws-shorthand.ts';

type Raw = Readonly<Record<string, unknown>>;

const FOLDER = new URL('../../../fixtures/cloudtrail/', import.meta.url);

/** Names of the fixtures, without `.json`. */
export const EVENTS = readdirSync(FOLDER).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : []));

/** A fixture, as `lookup-events` lists it. */
export function eventOf(name: string, more: Raw = {}): Raw {
  return listed({ ...(JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Raw), ...more });
}

/** An event of one's own, at a time in UNIX seconds. */
export function madeEvent(eventName: string, at: number, request: Raw, response: Raw = {}, more: Raw = {}): Raw {
  const eventID = JSON.stringify([eventName, at, request]);
  const envelope = { eventName, eventID, eventTime: isoTime(at), eventSource: 'ec2.amazonaws.com' };
  const userIdentity = { arn: 'arn:aws:iam::111122223333:user/alice' };
  return listed({ ...envelope, userIdentity, requestParameters: request, responseElements: response, ...more });
}

/** A rule of `sg-1` in shorthand was made. */
export function authorizedEvent(at: number, shorthand: string, id = 'sgr-1'): Raw {
  const items = [awsRule(shorthand, { SecurityGroupRuleId: id })];
  const way = shorthand.startsWith('in') ? 'Ingress' : 'Egress';
  return madeEvent(`AuthorizeSecurityGroup${way}`, at, { groupId: 'sg-1' }, { securityGroupRuleSet: { items } });
}

/** The rule says something else from then on. AWS does not tell its direction. */
export function editedEvent(at: number, shorthand: string, id = 'sgr-1'): Raw {
  const { IsEgress: _, ...SecurityGroupRule } = ruleFields(shorthand, '111122223333');
  const update = { SecurityGroupRuleId: id, SecurityGroupRule };
  const request = { ModifySecurityGroupRulesRequest: { GroupId: 'sg-1', SecurityGroupRule: update } };
  return madeEvent('ModifySecurityGroupRules', at, request);
}

function listed(event: Raw): Raw {
  const { eventID: EventId, eventName: EventName, eventTime: EventTime } = event;
  return { EventId, EventName, EventTime, CloudTrailEvent: JSON.stringify(event) };
}

/** One page of events of one name, asked for whole. */
export function askedFor(eventName: string, from: number, until: number, late = 900): Raw {
  const [StartTime, EndTime, AskedAt] = [from, until, until + late].map(isoTime);
  return { Events: [], Lookup: { EventName: eventName, StartTime, EndTime, AskedAt, Complete: true } };
}

export function eventPages(...events: Raw[]) {
  return pagesOf('cloudtrail-events.json', { Events: events });
}
