import { count, figure, percent } from '../../../../shared/text/numbers.ts';
import { dayFromIso, dayOf, isoDay, isoTime } from '../../../../shared/time.ts';
import { LEAST_DAYS } from '../../../../shared/verdicts/observation.ts';
import { ailmentsOf, DEPLOYMENT_AILMENTS, type Checkup } from './ailment.ts';
import { ago, DEPLOYMENT_CHECKS, watchedDays } from './deployment-checks.ts';
import type { DeploymentFacts } from './deployment-facts.ts';
import type { Looked } from './looked.ts';

/** What the facts come to. */
export function deploymentCheckup(facts: DeploymentFacts): Checkup {
  const { now, prefix, lastReading, waiting, deadLetters, nights, marked, settled, report } = facts;
  const watched = watchedDays(facts);
  return {
    schemaVersion: 1,
    of: 'deployment',
    facts: [
      { name: 'Deployment', value: `${prefix}, looked at ${isoTime(now)}` },
      {
        name: 'Snapshot',
        value: told(lastReading, (at) => (at === undefined ? 'none' : `account read ${ago(now - at)} ago`)),
      },
      { name: 'Queue', value: told(waiting, (number) => `${count(number, 'object')} waiting`) },
      { name: 'Dead letters', value: told(deadLetters, figure) },
      {
        name: 'Last night',
        value: told(nights, ([last]) => (last ? `${last.status}, begun ${isoTime(last.startedAt)}` : 'none')),
      },
      {
        name: 'Days',
        value: `${told(settled, ({ size }) => count(size, 'day'))} settled, ${told(marked, ({ length }) => figure(length))} marked`,
      },
      {
        name: 'Report',
        value: told(report, (found) => {
          if (!found || !watched) return 'none';
          const coverage = found.report.coverage === null ? 'no record' : `${percent(found.report.coverage)} explained`;
          return `to ${watched.to}; at best ${figure(watched.most)} of ${count(watched.windowDays, 'day')} watched; ${coverage}`;
        }),
      },
    ],
    ailments: ailmentsOf(DEPLOYMENT_AILMENTS, DEPLOYMENT_CHECKS, facts),
    next: nextAnswer(facts),
  };
}

function told<T>(looked: Looked<T>, text: (found: T) => string): string {
  return 'found' in looked ? text(looked.found) : `not known: ${looked.missing}`;
}

function nextAnswer(facts: DeploymentFacts): Checkup['next'] {
  const watched = watchedDays(facts);
  if (!watched) {
    const isNew = 'found' in facts.report;
    return isNew ? { on: isoDay(dayOf(facts.now) + 1), what: 'after the next night there is a first report' } : null;
  }
  const last = dayFromIso(watched.to);
  if (last !== undefined && watched.most < Math.min(LEAST_DAYS, watched.windowDays)) {
    const on = isoDay(last + 1 + LEAST_DAYS - watched.most);
    return { on, what: `${figure(LEAST_DAYS)} days are watched: first verdicts on disuse, provisional ones` };
  }
  return watched.wholeOn === undefined
    ? null
    : { on: watched.wholeOn, what: 'the window is whole: verdicts are provisional no more' };
}
