import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { checkup } from '../../../services/command-line/commands/doctor/ailment.ts';
import { recertification } from '../../../services/command-line/commands/recertify/recertification.ts';
import { plan } from '../../../shared/advice/removal/plan.ts';
import { terraformJson } from '../../../shared/code/terraform/changes.ts';
import { usageReport } from '../../../shared/reports/schema.ts';

const FOLDER = join(import.meta.dirname, '../../../docs/schema');

/** The JSON Schemas of what programs read, by file. */
export const JSON_SCHEMAS: Readonly<Record<string, string>> = {
  [join(FOLDER, 'usage.schema.json')]: textOf(usageReport),
  [join(FOLDER, 'plan.schema.json')]: textOf(plan),
  [join(FOLDER, 'doctor.schema.json')]: textOf(checkup),
  [join(FOLDER, 'terraform.schema.json')]: textOf(terraformJson),
  [join(FOLDER, 'recertify.schema.json')]: textOf(recertification),
};

function textOf(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
}

// `npm run schemas`
if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of Object.entries(JSON_SCHEMAS)) writeFileSync(path, text);
}
