import { describe, expect, test } from '@jest/globals';
import type { DayFacts } from '../../../shared/history/day-facts.ts';
import { emptyInterfaceDay, emptyUsage, within, type Usage } from '../../../shared/usage/usage.ts';
import { notYetThere } from '../../../shared/verdicts/not-yet-there.ts';

/** `eni-a 1:fl-1 2:fl-1`: on which days which flow log told of it; accepted traffic but for `2:fl-1-`, which is NODATA. */
function usageOf(texts: readonly string[]): Usage {
  const usage = emptyUsage();
  for (const text of texts) {
    const [interfaceId = '', ...days] = text.split(' ');
    for (const told of days) {
      const [day = '', log = ''] = told.split(':');
      const seen = within(usage.interfaces, interfaceId, Number(day), emptyInterfaceDay);
      seen.records++;
      if (!log.endsWith('-')) seen.accepted++;
      seen.logs.add(log.replace(/-$/, ''));
    }
  }
  return usage;
}

function thereOn(
  day: number,
  texts: readonly string[],
  more: Partial<DayFacts> & { attachedAt?: number } = {},
): string[] {
  const { attachedAt, ...facts } = more;
  const interfaces = ['eni-a', 'eni-b'].map((interfaceId) => ({
    interfaceId,
    vpcId: 'vpc-1',
    subnetId: 'subnet-1',
    type: 'interface',
    attachedAt: interfaceId === 'eni-b' ? attachedAt : undefined,
    groupIds: ['sg-web'],
  }));
  const whole: DayFacts = {
    day: 0,
    assumed: false,
    outdated: false,
    interfaces,
    flowLogs: undefined,
    associations: [],
    contents: new Map(),
    entries: new Map(),
    referred: new Set(),
    ...facts,
  };
  const of = notYetThere((on) => ({ ...whole, day: on }), usageOf(texts))(day);
  expect(of.day).toBe(day);
  return of.interfaces.map(({ interfaceId }) => interfaceId);
}

const LATER = ['eni-a 1:fl-1 2:fl-1 3:fl-1', 'eni-b 3:fl-1'];
const BOTH = ['eni-a', 'eni-b'];

describe('an interface of which a flow log of its subnet told later', () => {
  test('was not there on the days before, and is from then on', () => {
    expect([1, 2, 3, 4].map((day) => thereOn(day, LATER))).toEqual([['eni-a'], ['eni-a'], BOTH, BOTH]);
  });

  test.each<[why: string, texts: readonly string[], more: Partial<DayFacts> & { attachedAt?: number }]>([
    ['where a list of flow logs says what covers it', LATER, { flowLogs: [] }],
    ['where AWS says since when it is attached', LATER, { attachedAt: 0 }],
    ['where the log may be the one of that interface alone', ['eni-a 1:fl-1 2:fl-1', 'eni-b 3:fl-2'], {}],
    ['where the files do not say whose they are', ['eni-a 1: 2: 3:', 'eni-b 3:'], {}],
    ['where the log told of no accepted traffic on the day', ['eni-a 1:fl-1- 3:fl-1', 'eni-b 3:fl-1'], {}],
    ['where nothing ever told of it', ['eni-a 1:fl-1', 'eni-c 1:fl-1'], {}],
    ['where it was told of before', ['eni-a 0:fl-1 1:fl-1', 'eni-b 0:fl-1 3:fl-1'], {}],
  ])('may have been there before %s', (_, texts, more) => {
    expect(thereOn(1, texts, more)).toEqual(BOTH);
  });
});
