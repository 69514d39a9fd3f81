import type { ReportInput } from './input.ts';

/** The page as HTML. */
export const renderReport = async ({ title }: ReportInput): Promise<string> =>
  `<!doctype html><title>${title.replace(/[^\w ]/g, '')}</title>`;
