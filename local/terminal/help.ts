/** Where what a line says begins: behind an option and its spaces, or behind the spaces that it begins with. */
const textAt = (line: string): number => /^ {2}\S+(?: \S+)* {2,}(?=\S)/.exec(line)?.[0].length ?? /^ */.exec(line)?.[0].length ?? 0;

/** Whether a line goes on with what the line before says. */
const goesOn = (line: string, before: string | undefined): boolean => {
  if (before === undefined || before === '' || line === '') return false;
  const indent = textAt(line);
  if (line.trimStart().startsWith('selfheal ')) return false;
  return indent === 0 ? textAt(before) === 0 && !before.startsWith('Usage:') : indent > 2 && line.slice(0, indent).trim() === '';
};

/** Breaks a line that is too long; the rest stands under where its text begins, or, in a narrow terminal, a little further in. */
const fold = (line: string, width: number): string[] => {
  const indent = line.startsWith('Usage:') ? 7 : textAt(line);
  const [head, hang] = indent > width / 2 ? [line.slice(0, indent).trimEnd(), 4] : [line.slice(0, indent), indent];
  const lines = hang === indent ? [] : [head];
  let current = hang === indent ? head : ' '.repeat(hang);
  let isEmpty = true;
  for (const word of line.slice(indent).split(' ')) {
    if (!isEmpty && current.length + 1 + word.length > width) {
      lines.push(current);
      current = `${' '.repeat(hang)}${word}`;
    } else current = isEmpty ? `${current}${word}` : `${current} ${word}`;
    isEmpty = false;
  }
  return [...lines, current];
};

/** A command's help in a terminal of this width. Its examples stay whole, since people copy them. */
export const fitHelp = (help: string, width: number): string => {
  const [said = '', examples] = help.split(/^(?=Examples?:$)/m);
  const whole: string[] = [];
  const lines = said.split('\n');
  for (const [i, line] of lines.entries()) {
    if (goesOn(line, lines[i - 1])) whole.push(`${whole.pop()} ${line.trimStart()}`);
    else whole.push(line);
  }
  return whole.flatMap((line) => (line.length > width ? fold(line, width) : [line])).join('\n') + (examples ?? '');
};
