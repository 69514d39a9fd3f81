/** Creates a value on first use: most of what a function loads is for something that it won't come to. */
export const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
