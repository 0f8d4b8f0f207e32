import { expect, test } from '@jest/globals';
import { failureReason } from '../../shared/failure-reason.ts';

const query = (Status: object): string =>
  JSON.stringify({ QueryExecution: { Query: `"${'x'.repeat(9000)}"`, Status } });
const ofQuery = query({ State: 'FAILED', StateChangeReason: 'Bytes scanned limit was exceeded' });

test.each([
  ['what a function threw', '{"errorType":"Error","errorMessage":"no \\"x\\"","trace":["Error: no"]}', 'no \\"x\\"'],
  ['what became of a query', ofQuery, 'Bytes scanned limit was exceeded'],
  ['words', 'User is not authorized', 'User is not authorized'],
  ['nothing', '', ''],
  ['what was cut before the reason', ofQuery.slice(0, 5000), ofQuery.slice(0, 5000)],
  [
    'a query that speaks of one',
    query({}).replace('xxxx', '\\"errorMessage\\": \\"no\\"'),
    query({}).replace('xxxx', '\\"errorMessage\\": \\"no\\"'),
  ],
])('of %s is told', (_, cause, reason) => {
  expect(failureReason(cause)).toBe(reason);
});
