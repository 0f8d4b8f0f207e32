import { count, figure, percent } from '../../../../shared/text/numbers.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import { dayOf, isoDay, isoTime } from '../../../../shared/time.ts';
import { ailmentsOf, DEPLOYMENT_AILMENTS, type Checkup } from './ailment.ts';
import { ago, DEPLOYMENT_CHECKS, mostWatched } from './deployment-checks.ts';
import type { DeploymentFacts } from './deployment-facts.ts';
import type { Looked } from './looked.ts';

/** What the facts come to. */
export function deploymentCheckup(facts: DeploymentFacts): Checkup {
  const { now, prefix, lastReading, waiting, deadLetters, nights, marked, settled, report } = facts;
  const watched = mostWatched(facts);
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
          if (!found || watched === undefined) return 'none';
          const { coverage, window, windowDays } = found.report;
          const explained = coverage === null ? 'no record' : `${percent(coverage)} explained`;
          return `to ${window.to}; at best ${figure(watched)} of ${count(windowDays, 'day')} watched; ${explained}`;
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

/** The first day on which more can be said. */
function nextAnswer({ now, report }: DeploymentFacts): Checkup['next'] {
  if (!('found' in report)) return null;
  if (!report.found) return { on: isoDay(dayOf(now) + 1), what: 'after the next night there is a first report' };
  const { growth } = report.found.report;
  if (!growth) return null;
  const coming = [
    { on: growth.verdictsOn, what: 'first verdicts on disuse, provisional ones' },
    { on: growth.planOn, what: 'a first plan' },
    { on: growth.wholeOn, what: 'verdicts over the whole window' },
  ].flatMap(({ on, what }) => (on === null ? [] : [{ on, what }]));
  return coming.sort((a, b) => compareText(a.on, b.on))[0] ?? null;
}
