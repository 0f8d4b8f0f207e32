import type { PortRange, Rule } from '../../inventory/inventory.ts';

type Transport = 'tcp' | 'udp';

/**
 * Services that are not meant for strangers: they administer, they hold data, or they are known to be abused. Ports on
 * which any product may well serve the public (80, 443, 25, 8080) are not here.
 *
 * Sources, all port assignments also at https://www.iana.org/assignments/service-names-port-numbers:
 *   https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19 (ports with high risk)
 *   https://kubernetes.io/docs/reference/networking/ports-and-protocols/
 *   https://github.com/prowler-cloud/prowler (checks `ec2_securitygroup_allow_ingress_from_internet_to_…`)
 *   https://www.cisa.gov/news-events/alerts/2014/01/17/udp-based-amplification-attacks
 */
const SERVICES: readonly (readonly [name: string, transports: readonly Transport[], ports: string])[] = [
  ['FTP', ['tcp'], '20-21'],
  ['SSH', ['tcp'], '22'],
  ['Telnet', ['tcp'], '23'],
  ['TFTP', ['udp'], '69'],
  ['portmapper', ['tcp', 'udp'], '111'],
  ['Windows RPC', ['tcp'], '135'],
  ['NetBIOS', ['tcp', 'udp'], '137-139'],
  ['SNMP', ['udp'], '161-162'],
  ['LDAP', ['tcp', 'udp'], '389'],
  ['SMB', ['tcp'], '445'],
  ['rsync', ['tcp'], '873'],
  ['SQL Server', ['tcp', 'udp'], '1433-1434'],
  ['Oracle', ['tcp'], '1521'],
  ['NFS', ['tcp', 'udp'], '2049'],
  ['ZooKeeper', ['tcp'], '2181'],
  ['Docker', ['tcp'], '2375-2376'],
  ['etcd', ['tcp'], '2379-2380'],
  ['Oracle', ['tcp'], '2483-2484'],
  ['MySQL', ['tcp'], '3306'],
  ['RDP', ['tcp', 'udp'], '3389'],
  ['mSQL', ['tcp'], '4333'],
  ['PostgreSQL', ['tcp'], '5432'],
  ['VNC', ['tcp'], '5500'],
  ['Kibana', ['tcp'], '5601'],
  ['VNC', ['tcp'], '5900-5903'],
  ['WinRM', ['tcp'], '5985-5986'],
  ['Redis', ['tcp'], '6379'],
  ['Kubernetes API', ['tcp'], '6443'],
  ['Cassandra', ['tcp'], '7000-7001'],
  ['Cassandra', ['tcp'], '7199'],
  ['Cassandra', ['tcp'], '9042'],
  ['Kafka', ['tcp'], '9092-9094'],
  ['Cassandra', ['tcp'], '9160'],
  ['Elasticsearch', ['tcp'], '9200'],
  ['Elasticsearch', ['tcp'], '9300'],
  ['kubelet', ['tcp'], '10250'],
  ['kubelet', ['tcp'], '10255'],
  ['memcached', ['tcp', 'udp'], '11211'],
  ['MongoDB', ['tcp'], '27017-27019'],
];

const TABLE = SERVICES.map(([name, transports, ports]) => {
  const [from = 0, to = from] = ports.split('-').map(Number);
  return { name, transports, from, to };
});

const NAMED = 3;

/** The services that the rule lets its peers reach, each once, by ascending port; none for other protocols. */
export function sensitiveServices({ protocol, ports }: Pick<Rule, 'protocol' | 'ports'>): string[] {
  const isReached = ({ transports, from, to }: (typeof TABLE)[number]): boolean => {
    if (protocol === '-1') return true;
    return transports.some((one) => one === protocol) && ports !== undefined && from <= ports.to && ports.from <= to;
  };
  return [...new Set(TABLE.filter(isReached).map(({ name }) => name))];
}

/** The same for people: `SSH`, `all TCP ports`, `SSH, RDP, MySQL and 3 more`; undefined where there is none. */
export function sensitiveText(rule: Pick<Rule, 'protocol' | 'ports'>): string | undefined {
  const { protocol, ports } = rule;
  if (protocol === '-1') return 'all traffic';
  if (ports && isWhole(ports)) return `all ${protocol.toUpperCase()} ports`;
  const names = sensitiveServices(rule);
  if (names.length === 0) return undefined;
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(', ')} and ${String(more)} more` : names.join(', ');
}

function isWhole({ from, to }: PortRange): boolean {
  return from <= 1 && to === 65_535;
}
