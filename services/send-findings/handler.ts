import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { sendFindings, tools } = wire(process.env);

/** The night calls it once its report is there; what becomes of it fails no night. */
export const handler = observed(tools).handler((event) => sendFindings(event));
