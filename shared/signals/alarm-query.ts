type Query = { namespace: string; name: string; statistic: string | null; where: Array<readonly [string, string]> };

// These run on text with single spaces. Each is short and anchored, so that a hostile query takes linear time.
const select = /^SELECT ([A-Z]+) ?\(([^()]*)\) FROM (.*)/i;
const metricName = /^ ?"?([\w.%/: -]+)"? ?$/;
const namespaceForms = [/^SCHEMA ?\( ?"([^"]+)"[^)]*\)/i, /^"([^"]+)"/, /^([\w/]+)/];
const tokens = /"[\w.-]+"|'[^']*'|[\w.-]+|\S/g;
const statistics: Record<string, string> = { AVG: 'Average', MIN: 'Minimum', MAX: 'Maximum', SUM: 'Sum', COUNT: 'SampleCount' };

/**
 * The single metric that a Metrics Insights query reads, with the dimensions that its WHERE clause fixes; null if it isn't clear.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
 */
export const readQuery = (expression: string): Query | null => {
  if (expression.length > 1024) return null;
  const match = select.exec(expression.replace(/\s+/g, ' ').trim());
  if (match === null) return null;
  const [, fn = '', metric = '', from = ''] = match;
  const statistic = statistics[fn.toUpperCase()];
  const name = metricName.exec(metric)?.[1]?.trim();
  const source = namespaceForms.map((form) => form.exec(from)).find((found) => found !== null);
  if (!statistic || !name || source === undefined || source === null) return null;
  const rest = from.slice(source[0].length);
  const start = rest.search(/\bWHERE\b/i);
  const where = start < 0 ? '' : (rest.slice(start + 'WHERE'.length).split(/\bGROUP BY\b|\bORDER BY\b|\bLIMIT\b/i)[0] ?? '');
  // OR, and anything but equality, may match several resources: then only the contributor's attributes count.
  const plain = /\bOR\b|\bNOT\b|!=/i.test(where) ? '' : where;
  return { namespace: source[1] ?? '', name, statistic, where: equalities(plain) };
};

/** All `key = 'value'` conditions. */
const equalities = (text: string): Array<readonly [string, string]> => {
  const words = text.match(tokens) ?? [];
  return words.flatMap((word, at) => {
    const key = words[at - 1]?.replaceAll('"', '') ?? '';
    const value = words[at + 1] ?? '';
    return word === '=' && key !== '' && value.startsWith("'") && value.length > 1 ? [[key, value.slice(1, -1)] as const] : [];
  });
};
