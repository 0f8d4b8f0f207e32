import { describe, expect, test } from '@jest/globals';
import {
  checkup,
  type Ailment,
  type Checkup,
  type Severity,
} from '../../../../../services/command-line/commands/doctor/ailment.ts';
import { namesIn } from '../../../../../shared/record-of.ts';

/** What makes an ailment appear, what its text and its first command tell, and what comes near without it. */
export interface AilmentRow<Kind extends string, Situation> {
  readonly ill: Situation;
  readonly says: RegExp;
  /** Undefined where no command mends it. */
  readonly command?: RegExp;
  readonly well: Situation;
  /** Others that cannot but appear with it. */
  readonly also?: readonly Kind[];
}

/** Tests every ailment of a table: it appears, with no other, and does not where it should not. */
export function eachAilment<Kind extends Ailment['kind'], Situation>(
  severities: Readonly<Record<Kind, Severity>>,
  rows: Readonly<Record<Kind, AilmentRow<Kind, Situation>>>,
  checkupOf: (situation: Situation) => Checkup,
): void {
  describe('each ailment', () => {
    test.each(namesIn(rows))('%s', (kind) => {
      const { ill, says, command, well, also = [] } = rows[kind];
      const { ailments } = checkup.parse(checkupOf(ill));
      expect(ailments.map((one) => one.kind).sort()).toEqual([kind, ...also].sort());
      const found = ailments.find((one) => one.kind === kind)!;
      expect(found.severity).toBe(severities[kind]);
      expect(found.text).toMatch(says);
      if (command) expect(found.commands[0]).toMatch(command);
      else expect(found.commands).toEqual([]);
      expect(checkupOf(well).ailments.map((one) => one.kind)).not.toContain(kind);
    });
  });
}
