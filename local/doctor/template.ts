import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What a rule of the template must have: its name behind the stage's, and the function that it invokes; null if it tells people. */
export type TemplateRule = { name: string; invokes: 'intake' | 'watch' | 'beat' | null; onSchedule: boolean };

type Rule = {
  Type: string;
  Properties: { Name?: string; ScheduleExpression?: string; Targets?: { Arn?: { 'Fn::GetAtt'?: string[] } }[] };
};

const prefix = /^\$\{self:service\}-\$\{sls:stage\}-/;
const functions: Readonly<Record<string, TemplateRule['invokes']>> = {
  IntakeLambdaFunction: 'intake',
  WatchLambdaFunction: 'watch',
  BeatLambdaFunction: 'beat',
};

/** The rules that every deployment has. */
export const templateRules = (): TemplateRule[] =>
  ['rules', 'kill-switch'].flatMap((file) => {
    const text = readFileSync(new URL(`../../infrastructure/${file}.yml`, import.meta.url), 'utf8');
    const { Resources } = parse(text) as { Resources: Record<string, Rule> };
    return Object.values(Resources).flatMap(({ Type, Properties: { Name = '', ScheduleExpression, Targets = [] } }): TemplateRule[] => {
      if (Type !== 'AWS::Events::Rule') return [];
      const target = Targets[0]?.Arn?.['Fn::GetAtt']?.[0] ?? '';
      return [{ name: Name.replace(prefix, ''), invokes: functions[target] ?? null, onSchedule: ScheduleExpression !== undefined }];
    });
  });
