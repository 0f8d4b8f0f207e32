import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { sendReport, tools } = wire(process.env);

/** The last step of the state machine, or the one for a night that failed. */
export const handler = observed(tools).handler((event) => sendReport(event));
