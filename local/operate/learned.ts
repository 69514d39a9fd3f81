import { learn } from '../../shared/digest/learn.ts';
import type { Learned } from '../../shared/digest/schema.ts';
import { type Section, tellGaps, tellRow } from '../../shared/digest/tell.ts';
import { actionIds } from '../../shared/model/action-id.ts';
import { UsageError } from '../../shared/model/errors.ts';
import { failureIds } from '../../shared/model/failure-id.ts';
import type { Io } from '../cli/command.ts';
import { createStyle } from '../terminal/style.ts';
import { onDeployment } from './deployment.ts';
import { tellSections } from './told.ts';

/** What was learned, for people. */
const learnedSection = (learned: Learned): Section => ({
  title: `What has helped, of ${learned.incidents} incidents since ${learned.from.slice(0, 10)}`,
  lines: [
    ...learned.rows.map(tellRow),
    ...(learned.rows.length === 0 ? ['No such step was taken.'] : ['This is advice for people: selfheal does not change by it.']),
    ...tellGaps(learned),
  ],
});

/** Counts what the incidents of a deployment teach, of one failure class or step alone if one is named. */
export const tellLearned = async (
  [about, ...others]: readonly string[],
  { stage, json, policy }: { stage?: string | undefined; json: boolean; policy?: string | undefined },
  io: Io,
): Promise<number> => {
  if (others.length > 0) throw new UsageError('one ID at a time');
  if (policy !== undefined)
    throw new UsageError('--policy does not go with --learned: what was done is counted, whatever the policy is now');
  const steps: readonly string[] = actionIds;
  if (about !== undefined && ![...failureIds, ...steps].includes(about))
    throw new UsageError(`there is no failure class or step ${JSON.stringify(about.slice(0, 40))}`);
  return onDeployment(stage, io, async (deployment) => {
    const learned = await learn(deployment.past, await deployment.now());
    const rows = learned.rows.filter(({ failure, step }) => about === undefined || failure === about || step === about);
    io.stdout.write(
      json
        ? `${JSON.stringify({ ...learned, rows })}\n`
        : `${tellSections([learnedSection({ ...learned, rows })], createStyle(io.stdout, io.env))}\n`,
    );
    return 0;
  });
};
