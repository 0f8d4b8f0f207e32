import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/names.ts';
import { dataObject, dataObjects, tableAccess } from './access.ts';
import { addressOf, type Config } from '../shared/configuration/config.ts';
import type { Operations } from './operations.ts';
import { reportWorker } from './report-worker.ts';
import type { ServiceFunction } from './service-function.ts';

const SERVICE = 'send-report';

export interface SendReportProps {
  readonly config: Config;
  readonly report: NonNullable<Config['report']>;
  readonly operations: Operations;
}

/** A function that the night calls last: page and CSV files beside the report, and the mail. */
export class SendReport extends Construct {
  readonly worker: ServiceFunction;

  constructor(scope: Construct, id: string, { config, report, operations }: SendReportProps) {
    super(scope, id);
    const deployed = { scope: this, prefix: config.prefix };
    const { sender, recipients, replyTo, configurationSet, ownerMail } = report;
    this.worker = reportWorker(this, {
      service: SERVICE,
      config,
      operations,
      environment: {
        [ENVIRONMENT.mailFrom]: sender,
        [ENVIRONMENT.mailTo]: recipients.join(','),
        ...(replyTo !== undefined && { [ENVIRONMENT.mailReplyTo]: replyTo }),
        ...(configurationSet !== undefined && { [ENVIRONMENT.mailConfigurationSet]: configurationSet }),
        ...(ownerMail && {
          [ENVIRONMENT.ownerDomains]: ownerMail.domains.join(','),
          [ENVIRONMENT.ownerMailEvery]: ownerMail.every,
        }),
      },
    });
    this.worker.allow(dataObjects(deployed, 'reports', 'GetObject', 'PutObject'));
    this.worker.allow(tableAccess(deployed, 'state', 'DeleteItem', 'UpdateItem'));
    if (ownerMail?.addresses !== undefined) {
      this.worker.allow(dataObject(deployed, ownerMail.addresses, 'ownerAddresses'));
    }
    this.#allowMail(report);
    const own = (name: string) => operations.metric(SERVICE, name, { statistic: 'max', period: Duration.hours(1) });
    // The mail says so too; nobody who reads only its figures would look into the log.
    operations.alarm(`${SERVICE}-page-missing`, { metric: own('PagesMissing'), bound: { above: 0 } });
    operations.alarm(`${SERVICE}-refused`, { metric: own('MailsRefused'), bound: { above: 0 } });
    operations.graphs('send-report: the mails', [
      { title: 'Messages', of: ['MailsSent', 'MailsRepeated', 'MailsRefused', 'OwnersMailed'].map(own) },
      { title: 'Pages that could not be made', of: [own('PagesMissing')] },
      { title: 'Duration', of: [this.worker.lambda.metricDuration({ statistic: 'max' })] },
    ]);
  }

  /**
   * An address is sent from by an identity of its own or by that of its domain or of one above, and nobody but SES knows
   * which there is. As long as SES has the account in its sandbox, it asks for the right on the recipients' as well.
   * https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html
   * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
   */
  #allowMail({ sender, recipients, configurationSet, ownerMail }: SendReportProps['report']): void {
    const address = addressOf(sender);
    // Owners change, and a policy has no room for all of them.
    const owners = (ownerMail?.domains ?? []).map((domain) => `*@${domain}`);
    const identities = new Set([address, ...recipients, ...owners].flatMap((one) => [one, ...domainsOf(one)]));
    const arn = (resource: string, resourceName: string): string =>
      Stack.of(this).formatArn({ service: 'ses', resource, resourceName });
    this.worker.allow({
      actions: ['ses:SendEmail', 'ses:SendRawEmail'],
      resources: [
        ...[...identities].map((identity) => arn('identity', identity)),
        ...(configurationSet === undefined ? [] : [arn('configuration-set', configurationSet)]),
      ],
      conditions: { StringEquals: { 'ses:FromAddress': address } },
      ...(owners.length > 0 && {
        because:
          'In its sandbox SES asks for the right on identities of recipients: addresses of owners in their domains.',
      }),
    });
  }
}

/** Of an address: its own and those above, but for the last. */
function domainsOf(address: string): string[] {
  const labels = address.slice(address.indexOf('@') + 1).split('.');
  return labels.slice(0, -1).map((_label, i) => labels.slice(i).join('.'));
}
