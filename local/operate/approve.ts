import { actions } from '../../shared/actions/index.ts';
import { deciderOf } from '../../shared/model/approval.ts';
import { formatDuration } from '../../shared/model/duration.ts';
import { UsageError } from '../../shared/model/errors.ts';
import { actAs } from './acts.ts';
import { answer } from './decide.ts';
import type { Deployment } from './deployment.ts';
import type { Found } from './find.ts';
import { type OpenQuestion, openQuestions } from './waits.ts';

/** What came of an answer; `isBad`: another answer stands, or it came too late. */
export type Answered = { question: OpenQuestion; says: string; isBad: boolean };

const listed = (questions: readonly OpenQuestion[], now: number): string =>
  questions
    .map(({ id, what, expiresAt }) => `\n  --question ${id}: whether to ${what}, for ${formatDuration((expiresAt - now) / 1000)} more`)
    .join('');

/** The one question that is meant. */
const questionOf = async (deployment: Deployment, found: Found, asked: string | undefined): Promise<OpenQuestion> => {
  const now = await deployment.now();
  const open = await openQuestions(deployment, found, now);
  const meant = asked === undefined ? open : open.filter(({ id }) => id.startsWith(asked));
  const [question, ...others] = meant;
  if (question && others.length === 0) return question;
  if (open.length === 0) throw new UsageError(`incident ${found.key} asks nothing${found.outcome ? ': it has ended' : ''}`);
  if (question === undefined) throw new UsageError(`incident ${found.key} has no such open question:${listed(open, now)}`);
  throw new UsageError(`incident ${found.key} asks ${meant.length} questions, name one:${listed(meant, now)}`);
};

/** Whoever may answer by the command line may answer every question, so two yeses from there could be one person's. */
const needsTwo = ({ action }: OpenQuestion): boolean => actions.find(({ id }) => id === action)?.people === 2;

/** Answers what an incident asks, in the name of whoever calls. */
export const answerIncident = async (
  deployment: Deployment,
  found: Found,
  decision: 'approve' | 'reject',
  { question: asked, because }: { question: string | undefined; because: string | null },
): Promise<Answered> => {
  const question = await questionOf(deployment, found, asked);
  if (decision === 'approve' && needsTwo(question))
    throw new UsageError(`two people have to agree to ${question.what}: each by the link that was sent to them`);
  let bad = '';
  const done = await actAs(deployment, { kind: decision, what: question.what, incident: found.key, because }, async (act) => {
    const decided = await answer(deployment, question.id, decision, act);
    switch (decided.result) {
      case 'decided':
        return true;
      case 'already':
        bad = `${deciderOf(decided.decision)} said ${decided.decision.decision} before`;
        return null;
      case 'undelivered':
        bad = 'the answer is recorded, and it is not known whether the incident has it: give it again in a minute';
        return null;
      case 'over':
        bad = 'it is too late: the incident no longer waits for it';
        return null;
    }
  });
  return { question, says: done ? `${decision === 'approve' ? 'approved' : 'rejected'}: ${question.what}` : bad, isBad: !done };
};
