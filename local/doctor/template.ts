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

/** The template of members as text, with the names of a stage. */
export const memberText = (stage: string): string =>
  readFileSync(new URL('../../infrastructure/member.yml', import.meta.url), 'utf8').replace(/([-/])prod\b/g, `$1${stage}`);

type Statement = {
  Effect: string;
  Action: string | string[];
  Resource: { 'Fn::Sub': string } | string;
  Condition?: Record<string, Record<string, string>>;
};
type Role = { Properties: { Policies: { PolicyDocument: { Statement: Statement[] } }[] } };

/** What a role of members is given: calls to resources, where `*` stands for any part of a name, and the tags that these must have. */
export type Given = { actions: string[]; resource: string; tags: readonly string[] };

/** What the template gives each of the roles of a member, in an account and region. */
export const memberGrants = (stage: string, { partition, account, region }: { partition: string; account: string; region: string }) => {
  // What looks like a boolean to YAML is a text to IAM.
  const { Resources } = parse(memberText(stage), { schema: 'failsafe' }) as { Resources: Record<string, Role> };
  const values: Record<string, string> = { 'AWS::Partition': partition, 'AWS::Region': region, 'AWS::AccountId': account };
  const resolved = (text: string) => text.replace(/\$\{([\w:]+)\}/g, (whole, name: string) => values[name] ?? whole);
  return (id: 'MemberRole' | 'MemberWatchRole'): Given[] => {
    const given = (Resources[id]?.Properties.Policies ?? []).flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.map(
        ({ Action, Resource, Condition = {} }): Given => ({
          actions: [Action].flat(),
          resource: resolved(typeof Resource === 'string' ? Resource : Resource['Fn::Sub']),
          tags: Object.values(Condition).flatMap((keys) => Object.keys(keys)),
        }),
      ),
    );
    return [...new Map(given.map((one) => [JSON.stringify(one), one])).values()];
  };
};
