import { changeSet } from '../../../../shared/code/cloudformation/change-set.ts';
import { stackRuleChanges } from '../../../../shared/code/cloudformation/stack-rule-changes.ts';
import type { RuleChanges } from '../../../../shared/code/rule-changes.ts';
import { planChanges } from '../../../../shared/code/terraform/plan-changes.ts';
import { terraformPlan } from '../../../../shared/code/terraform/plan.ts';
import { isAnyCut } from '../../../../shared/evidence/simulate-removal.ts';
import type { JsonPage } from '../../../../shared/inventory/json-pages.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import { openPlace, type PlaceOptions } from '../../evidence/evidence-place.ts';
import { readCodeJson } from '../../files/read-code.ts';
import { simulateIn, type Simulated } from '../simulate/simulate.ts';

/** Which tool printed the change. */
export type ChangeKind = 'terraform' | 'cloudformation';

export interface CodeChecked {
  /** Of the change. */
  readonly files: readonly string[];
  readonly changes: RuleChanges;
  /** Undefined where no rule goes. */
  readonly simulated: Simulated | undefined;
  /** What cannot be told, a line each: of the change, and of what its rules were used for. */
  readonly untold: readonly string[];
  /** Whether something that was seen is, or may be, cut. */
  readonly isCut: boolean;
}

/**
 * What a change of code, once all of it is applied, would cut of what was seen.
 *
 * @param files plans or change sets, of one change
 *
 * @throws Error of one line where a file is not what the tool prints, or evidence and inventory are not there
 */
export async function checkCode(
  kind: ChangeKind,
  files: readonly string[],
  options: PlaceOptions,
): Promise<CodeChecked> {
  const contents = new Map<string, unknown>();
  for (const file of files) contents.set(file, await readCodeJson(file));
  const place = await openPlace(options);
  try {
    const { inventory } = place;
    if (!inventory) throw new Error('which rules stand is not known: give --inventory DIR');
    const changes = changesOf(kind, contents, inventory);
    const ruleIds = [...changes.removed.keys()];
    const simulated = ruleIds.length === 0 ? undefined : await simulateIn(place, options, ruleIds, changes.added);
    const noReport =
      simulated?.hasReport === false ? ['whether all was seen: no usage.json (--report FILE tells)'] : [];
    return {
      files,
      changes,
      simulated,
      untold: [...changes.untold, ...(simulated?.unseen ?? []), ...noReport],
      isCut: simulated !== undefined && isAnyCut(simulated.simulation),
    };
  } finally {
    place.close();
  }
}

function changesOf(kind: ChangeKind, contents: ReadonlyMap<string, unknown>, inventory: Inventory): RuleChanges {
  const files = [...contents];
  switch (kind) {
    case 'terraform':
      return planChanges(new Map(files.map(([file, content]) => [file, terraformPlan(file, content)])), inventory);
    case 'cloudformation': {
      const sets = files.map(([source, content]) =>
        changeSet([{ source, value: Object(content) as JsonPage['value'] }]),
      );
      return stackRuleChanges(sets, inventory);
    }
  }
}
