import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { usageReport } from '../../../shared/reports/schema.ts';
import { syntheticReport } from '../../browser/synthetic-report.ts';
import { lifelikeReport } from '../../services/send-report/lifelike-report.ts';
import { JSON_SCHEMAS } from './json-schemas.ts';

test.each(Object.entries(JSON_SCHEMAS))('%s is what `npm run schemas` writes', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test.each([
  ['that fills every key', syntheticReport(120, 30)],
  ['as of an account', lifelikeReport(60, 30)],
])('a report %s is read as it was written', (_what, report) => {
  const written: unknown = JSON.parse(JSON.stringify(report));
  expect(usageReport.parse(written)).toEqual(written);
});
