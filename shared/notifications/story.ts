import type { Outcome, TimelineEntry } from '../model/outcome.ts';

/** A line without the names of the guards that passed, which are listed once. */
const textOf = ({ text, answers = [] }: TimelineEntry): string => {
  const passed = answers.filter(({ answer }) => answer === 'pass').map(({ guard }) => guard);
  if (passed.length === 0) return text;
  const names = passed.join(', ');
  return text.replace(`all pass: ${names}`, () => `all ${passed.length} pass`).replace(` (passed: ${names})`, '');
};

/** An incident's timeline for people, and the guards that passed, each once. */
export const storyOf = ({
  timeline,
}: Pick<Outcome, 'timeline'>): { lines: Pick<TimelineEntry, 'at' | 'phase' | 'text'>[]; passed: string[] } => {
  const passed = timeline.flatMap(({ answers = [] }) => answers.filter(({ answer }) => answer === 'pass').map(({ guard }) => guard));
  return {
    lines: timeline.map((entry) => ({ at: entry.at, phase: entry.phase, text: textOf(entry) })),
    passed: [...new Set(passed)],
  };
};
