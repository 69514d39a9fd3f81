type Query = { namespace: string; name: string; statistic: string | null; where: Array<readonly [string, string]> };

// White space is single when these are asked, and no two parts can match the same of it: a hostile query takes no longer than a long one.
const select =
  /^SELECT (AVG|MIN|MAX|SUM|COUNT) ?\( ?"?([\w.%/:-]+(?: [\w.%/:-]+)*)"? ?\) FROM (?:SCHEMA ?\( ?"([^"]+)"[^)]*\)|"([^"]+)"|([\w/]+))(.*)$/i;
const equality = /(?<![\w.-])"?([\w.-]+)"? ?= ?'([^']*)'/g;
const statistics: Record<string, string> = { AVG: 'Average', MIN: 'Minimum', MAX: 'Maximum', SUM: 'Sum', COUNT: 'SampleCount' };

/**
 * The one metric that a Metrics Insights query reads, with the dimensions that its WHERE pins down, or null where that isn't plain.
 * docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
 */
export const readQuery = (expression: string): Query | null => {
  if (expression.length > 1024) return null;
  const match = select.exec(expression.replace(/\s+/g, ' ').trim());
  if (match === null) return null;
  const [, fn = '', name = '', schema, quoted, bare, rest = ''] = match;
  const where = /\bWHERE\b([\s\S]*?)(?:\bGROUP BY\b|\bORDER BY\b|\bLIMIT\b|$)/i.exec(rest)?.[1] ?? '';
  // OR, and anything but equality, may take in more than one resource: then only the contributor's own attributes count.
  const plain = /\bOR\b|\bNOT\b|!=/i.test(where) ? '' : where;
  const pinned = [...plain.matchAll(equality)].map(([, key = '', value = '']) => [key, value] as const);
  return { namespace: schema ?? quoted ?? bare ?? '', name, statistic: statistics[fn.toUpperCase()] ?? null, where: pinned };
};
