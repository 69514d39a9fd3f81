/**
 * What a pager has of each incident, by its own rules: an event with the key of an open page joins it, and one that resolves without an open
 * page changes nothing.
 */
export const createPages = (hasPager: boolean) => {
  const pages = new Map<string, { times: number; open: boolean }>();
  return {
    take: (action: string, key: string): void => {
      const page = pages.get(key) ?? { times: 0, open: false };
      if (action === 'trigger' && !page.open) page.times++;
      page.open = action === 'trigger' || (page.open && action !== 'resolve');
      pages.set(key, page);
    },
    /** What is wrong with the pages of an incident that has ended. */
    wrongAt: (key: string, status: string, quiet: boolean): string[] => {
      const { times, open } = pages.get(key) ?? { times: 0, open: false };
      const healed = status === 'healed' || status === 'healed-itself';
      return [
        ...(times > 1 ? [`it was paged ${times} times`] : []),
        ...(healed && open ? ['its page is still open'] : []),
        ...(!healed && times > 0 && !open ? ['its page was resolved'] : []),
        ...(hasPager && !healed && !quiet && status !== 'dry-run' && times === 0 ? ['nobody was paged'] : []),
      ];
    },
  };
};
