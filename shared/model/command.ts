import * as z from 'zod';
import { limit } from './duration.ts';
import { failureIds } from './failure-id.ts';
import { meant, oneOf, settings } from './settings.ts';

/** Effects of a command that its owner may declare; one without any works beside what is served. */
export const commandEffects = ['interrupts'] as const;

/**
 * Documents that run whatever they are given, be it a text, or another document or a script by its place: whoever may send one may do
 * anything on the instance. `AWS-RunDocument` can run the first two as well (assumed).
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-running-remote-github-s3.html
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/integrations-partners.html
 */
export const shellDocuments = ['AWS-RunShellScript', 'AWS-RunPowerShellScript', 'AWS-RunDocument', 'AWS-RunRemoteScript'];

/** The name of a document in an ARN or by itself. */
export const documentName = (document: string): string => document.slice(document.lastIndexOf('/') + 1);

/**
 * The name or ARN of a Systems Manager document.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
 */
const document = z
  .string()
  .regex(
    /^(arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:document\/)?[\w.-]{3,128}$/,
    'must be the name of a Systems Manager document, of 3 to 128 letters, digits, _, - and dots, or its ARN',
  )
  .refine((name) => !shellDocuments.includes(documentName(name)), {
    error: 'runs anything that it is given: write a document that does one thing',
  });

const parameter = z.union([
  z
    .string()
    .max(4000)
    .transform((value) => [value]),
  z.array(z.string().max(4000)).max(100),
]);

const commandSchema = settings({
  document: document.describe('The Systems Manager document, by name or ARN'),
  version: z
    .string()
    .regex(/^[1-9]\d{0,9}$/, 'must be the number of a version such as "3": $LATEST and $DEFAULT may change at any time')
    .describe("The document's version, in digits, so that whoever may change the document doesn't change what selfheal runs"),
  parameters: z
    .record(z.string().regex(/^\w{1,64}$/, 'must be the name of a parameter'), parameter)
    .default({})
    .describe("Values of the document's parameters, each a text or a list of texts"),
  timeout: limit('30s', '2h').default('5m').describe('How long selfheal waits for the end of the command before it cancels it'),
  effects: z
    .array(oneOf(commandEffects))
    .max(1)
    .default(['interrupts'])
    .describe('What it does to what the instance serves: interrupts, or nothing if the list is empty'),
}).describe('A command');
export type Command = z.infer<typeof commandSchema>;

/** The form of a command's name. */
export const commandName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be a name of lower-case letters, digits and hyphens');

/** Why a name can't be used: the policy has no such command. Null if it has. */
export const noSuchCommand = (name: string, commands: Readonly<Record<string, Command>>): string | null =>
  Object.hasOwn(commands, name) ? null : `there is no command ${name} in commands${meant(name, Object.keys(commands))}`;

/** The parts of the policy about commands of the owner. */
export const commandSchemas = {
  commands: z
    .record(commandName, commandSchema)
    .default({})
    .describe('Commands that selfheal may run on instances by Systems Manager, by name'),
  run: z
    .array(
      settings({
        when: settings({
          failure: oneOf(failureIds).describe('The failure class'),
          tag: settings({
            key: z.string().min(1).max(128).describe('The key of the tag'),
            value: z.string().max(256).optional().describe('Its value; any if left out'),
          })
            .optional()
            .describe('A tag of the instance or of its group'),
        }).describe('All given conditions must hold'),
        command: commandName.describe('The name of one of the commands'),
      }),
    )
    .max(100)
    .default([])
    .describe('Which command the built-in playbooks run for which failure; the first entry that matches applies'),
};
