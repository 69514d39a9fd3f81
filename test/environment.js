import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

const { compileFunction } = vm;
/** By file: what V8 has made of it in this worker. */
const compiled = new Map();

/**
 * Every test file gets its modules afresh, so that a worker would compile the SDK, two megabytes of it for EC2 alone, once for each of
 * some hundred files: what V8 has made of a source is kept. Jest has no option for it. The modules themselves are as fresh as before.
 */
vm.compileFunction = (source, parameters, options) => {
  const known = compiled.get(options?.filename);
  if (known?.source === source) return compileFunction(source, parameters, { ...options, cachedData: known.data });
  const made = compileFunction(source, parameters, { ...options, produceCachedData: true });
  if (options?.filename) compiled.set(options.filename, { source, data: made.cachedData });
  return made;
};

const { createContext } = vm;
/**
 * Jest's own context asks a proxy for every global that a test or what it tests names, which costs what plays worlds an eighth of its
 * time. One whose globals are its own has none to ask.
 */
vm.createContext = (_proxy, options) => createContext(vm.constants.DONT_CONTEXTIFY, options);

export default TestEnvironment;
