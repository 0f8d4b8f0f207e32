import { expect, test } from '@jest/globals';
import { evidenceFile, readEvidence } from '../../../shared/evidence/evidence-file.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';

const FLOW: ServiceFlow = {
  interfaceId: 'eni-1',
  direction: 'ingress',
  protocol: 6,
  peer: '2001:db8::1',
  port: 443,
  ruleIds: ['sgr-1@0a', 'sgr-2@0b'],
  possibleRuleIds: [],
  unclearRuleIds: ['sgr-3@0c', 'sgr-4'],
  untrackedRuleIds: ['sgr-5'],
  requests: 3,
  replies: 0,
  inferred: 1,
  packets: 2 ** 40,
  bytes: 2 ** 53 - 1,
  first: 1_767_571_200,
  last: 1_767_571_260,
};

const buffer = (bytes: Uint8Array) => ({
  byteLength: bytes.length,
  slice: (start: number, end = bytes.length) => bytes.slice(start, end).buffer,
});

test('service flows are read as they were written', async () => {
  const flows: ServiceFlow[] = [
    FLOW,
    { ...FLOW, direction: 'egress', protocol: 1, port: 0, peer: '192.0.2.1', ruleIds: [], possibleRuleIds: ['sgr-9'] },
    ...Array.from({ length: 1000 }, (_, i) => ({ ...FLOW, port: i, requests: i })),
  ];
  expect(await readEvidence(buffer(evidenceFile(flows)))).toEqual(flows);
});

test('a file with another column, or a value that is none, is refused', async () => {
  const wrong = evidenceFile([{ ...FLOW, port: 70_000 }]);
  await expect(readEvidence(buffer(wrong))).rejects.toThrow('port');
  await expect(readEvidence(buffer(new Uint8Array(100)))).rejects.toThrow();
});
