import { describe, expect, test } from '@jest/globals';
import { readQuery } from '../../shared/signals/alarm-query.ts';

describe('readQuery', () => {
  test.each([
    [
      'SELECT AVG(CPUUtilization) FROM "AWS/EC2" GROUP BY InstanceId',
      { namespace: 'AWS/EC2', name: 'CPUUtilization', statistic: 'Average', where: [] },
    ],
    [
      'select max("CPUUtilization") from SCHEMA("AWS/EC2", InstanceId) group by InstanceId',
      { namespace: 'AWS/EC2', name: 'CPUUtilization', statistic: 'Maximum', where: [] },
    ],
    [
      "SELECT SUM(Errors) FROM \"AWS/Lambda\" WHERE FunctionName = 'checkout' AND Resource = 'x' ORDER BY SUM() DESC LIMIT 5",
      {
        namespace: 'AWS/Lambda',
        name: 'Errors',
        statistic: 'Sum',
        where: [
          ['FunctionName', 'checkout'],
          ['Resource', 'x'],
        ],
      },
    ],
    ["SELECT COUNT(m) FROM Shop WHERE a = 'b' OR a = 'c'", { namespace: 'Shop', name: 'm', statistic: 'SampleCount', where: [] }],
    ["SELECT MIN(m) FROM Shop WHERE a != 'b'", { namespace: 'Shop', name: 'm', statistic: 'Minimum', where: [] }],
  ])('%s', (query, expected) => {
    expect(readQuery(query)).toEqual(expected);
  });

  test.each(['m1 + m2', 'SELECT 1', '', `SELECT AVG(m) FROM Shop ${' '.repeat(5000)}`])('%j is no query of one metric', (expression) => {
    expect(readQuery(expression)).toBeNull();
  });

  test.each([
    `SELECT AVG(${' '.repeat(1000)}`,
    `SELECT AVG(${'a '.repeat(500)}`,
    `SELECT AVG(m) FROM Shop WHERE ${'a'.repeat(980)}`,
    `SELECT AVG(m) FROM SCHEMA("${'('.repeat(980)}`,
  ])('a hostile query takes no time (%#)', (query) => {
    // A backtracking pattern would take minutes for these; a thousand of them take milliseconds.
    for (let round = 0; round < 1000; round++) readQuery(query);
    expect(query.length).toBeLessThanOrEqual(1024);
  });
});
