// Costs about ten seconds.
import { keepEvidence, keepInPieces } from '../services/command-line/evidence/keep-evidence.ts';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { openEvidenceFolder } from '../../services/command-line/evidence/evidence-folder.ts';
import { EvidenceWriter } from '../../services/command-line/evidence/evidence-writer.ts';
import type { GenerateFormat } from '../../services/generate-account/options/options.ts';
import type { EvidenceSource } from '../../shared/evidence/evidence-source.ts';
import { FlowExplainer } from '../../shared/evidence/explain-flow.ts';
import { parseFlow } from '../../shared/evidence/flow-text.ts';
import type { FlowSums } from '../../shared/evidence/flow-sums.ts';
import { flowsOfRule } from '../../shared/evidence/flows-of-rule.ts';
import { simulateRemoval } from '../../shared/evidence/simulate-removal.ts';
import { StandingRules } from '../../shared/evidence/current-rule-ids.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { explainRecord } from '../oracle/oracle.ts';
import { logFiles, removeScratchFolders } from '../services/generate-account/generated.ts';
import { account, type Account } from './account.ts';
import { oracleInventoryOf, recount, type RecountedFlow } from './flow-recount.ts';

afterAll(removeScratchFolders);
jest.setTimeout(300_000);

async function evidenceOf({ out, inventory, files }: Account, held?: number): Promise<EvidenceSource> {
  const writer = new EvidenceWriter(join(out, 'evidence'), inventory.rules, undefined, held);
  await (held === undefined ? keepEvidence : keepInPieces)(writer, files, inventory);
  return openEvidenceFolder(out);
}

/** What the program says, and what the recount says, in one form, by flow. */
type Told = Record<string, string>;
const told = (sums: FlowSums): Told =>
  Object.fromEntries(
    sums.flows().map((sum) => {
      const flow = [sum.interfaceId, sum.direction, sum.protocol, sum.peer, sum.port].join(' ');
      const { requests, replies, packets, bytes, last, days, ruleIds } = sum;
      return [flow, [requests, replies, packets, bytes, last, days, ...ruleIds].join(' ')];
    }),
  );
const recounted = (
  flows: Iterable<RecountedFlow>,
  rulesOf: (flow: RecountedFlow) => readonly string[] | undefined,
): Told => {
  const found: Told = {};
  for (const flow of flows) {
    const rules = rulesOf(flow);
    const { requests, replies, packets, bytes, last, days } = flow;
    if (rules) found[flow.flow] = [requests, replies, packets, bytes, last, days.size, ...[...rules].sort()].join(' ');
  }
  return found;
};
const some = (ids: readonly string[]): readonly string[] | undefined => (ids.length > 0 ? ids : undefined);
const unclearOf = ({ possible, admitting, could }: RecountedFlow): string[] =>
  [...possible].filter((id) => !admitting.includes(id) && (admitting.length > 0 || !could.includes(id)));

const CASES: [GenerateFormat, number][] = [
  ['v5', 1],
  ['v5', 2],
  ['v2', 3],
  ['v2', 4],
  ['parquet', 5],
  ['all', 6],
];

describe.each(CASES)('what is said of flows and rules is what the raw logs say: %s, seed %d', (format, seed) => {
  // Over midnight: a flow can be seen on two days.
  const startSeconds = Date.UTC(2026, 0, 5, 23) / 1000;

  test('simulate and explain against a recount by the oracle', async () => {
    const made = await account({ format, seed, records: 1500, minutes: 120, startSeconds });
    const source = await evidenceOf(made, 300);
    const days = await source.days();
    const { rules } = made.inventory;
    const standing = StandingRules.of(rules);
    const flows = [...(await recount(made.out)).values()];
    const ids = rules.map(({ ruleId }) => ruleId);
    const census = { lost: 0, possible: 0, unclear: 0, untracked: 0, alone: 0 };

    const every = (n: number) => ids.filter((_, i) => i % n === seed % n);
    const pairs = flows.filter(({ admitting }) => admitting.length > 1).slice(0, 5);
    const removals = [ids, every(2), every(3), every(7), ...pairs.map(({ admitting }) => admitting)];
    for (const removal of removals) {
      const removed = new Set(removal);
      const simulated = await simulateRemoval(source, days, standing, removed, made.inventory);
      const all = (some: readonly string[]) =>
        some.length > 0 && some.every((id) => removed.has(id)) ? some : undefined;
      const lost = recounted(flows, ({ admitting }) => all(admitting));
      expect(told(simulated.lost)).toEqual(lost);
      const possible = recounted(flows, ({ admitting, could }) => (admitting.length === 0 ? all(could) : undefined));
      expect(told(simulated.possible)).toEqual(possible);
      const unclear = recounted(flows, (flow) => some(unclearOf(flow).filter((id) => removed.has(id))));
      // Who opened the flows of unknown interfaces is a guess: the recount tells of known ones alone.
      const toldUnclear = Object.entries(told(simulated.unclear));
      const isKnown = ([flow]: readonly [string, string]): boolean =>
        made.inventory.interfaces.has(flow.split(' ')[0]!);
      expect(Object.fromEntries(toldUnclear.filter(isKnown))).toEqual(unclear);
      census.lost += Object.keys(lost).length;
      census.possible += Object.keys(possible).length;
      census.unclear += Object.keys(unclear).length;
      for (const id of removal) {
        const untracked = recounted(flows, (flow) => (flow.untracked.has(id) ? [id] : undefined));
        expect(told(simulated.untracked.get(id)!)).toEqual(untracked);
        census.untracked += Object.keys(untracked).length;
      }
    }

    const busiest = [...ids].sort((a, b) => uses(flows, b) - uses(flows, a)).slice(0, 12);
    for (const id of busiest) {
      const found = await flowsOfRule(source, days, standing, id, made.inventory);
      const others = ({ admitting }: RecountedFlow) =>
        admitting.includes(id) ? admitting.filter((one) => one !== id) : undefined;
      expect(told(found.admitted)).toEqual(recounted(flows, others));
      const sole = recounted(flows, (flow) => (others(flow)?.length === 0 ? [] : undefined));
      expect(told(found.sole)).toEqual(sole);
      census.alone += Object.keys(sole).length;
    }
    process.stdout.write(`${format} seed ${seed}: ${flows.length} flows, ${JSON.stringify(census)}\n`);
    expect([census.lost > 100, census.alone > 30, census.untracked > 0]).toEqual([true, true, true]);
  });

  test('the primary rule of a flow, and all that admit or could, are those of the oracle', async () => {
    const made = await account({ format, seed, records: 1000, minutes: 20 });
    const explainer = new FlowExplainer(new CompiledInventory(made.inventory));
    const inventory = oracleInventoryOf(made.out);
    const reasons = new Set<string>();
    const asked = new Set<string>();
    for (const { records } of await logFiles(made.out)) {
      for (const record of records) {
        const why = explainRecord(inventory, record).explanation;
        if (!why) continue;
        const { interfaceId, direction, protocol, peer, servicePort } = why;
        const flow = [interfaceId, direction, protocol, peer, servicePort ?? '-'].join(' ');
        if (asked.has(flow)) continue;
        asked.add(flow);
        const now = explainer.explain(parseFlow(flow));
        if (typeof now === 'string') throw new Error(now);
        // A record with SYN credits the lone rule that could admit it; of a flow as such nobody knows that there was one.
        const { isLone } = why;
        expect([flow, now.admitting[0]?.rule.ruleId ?? null]).toEqual([flow, isLone ? null : why.primary]);
        expect(now.admitting.map(({ rule }) => rule.ruleId).sort()).toEqual(isLone ? [] : why.admitting);
        const could = isLone ? why.admitting : why.could;
        if (now.admitting.length === 0) expect(now.could.map(({ ruleId }) => ruleId).sort()).toEqual(could);
        reasons.add(now.because?.replaceAll(/sgr-\w+|[\d,]+/g, '') ?? '');
      }
    }
    expect(reasons.size).toBeGreaterThanOrEqual(3);
  });
});

function uses(flows: readonly RecountedFlow[], id: string): number {
  return flows.reduce((sum, { admitting, requests }) => sum + (admitting.includes(id) ? requests : 0), 0);
}
