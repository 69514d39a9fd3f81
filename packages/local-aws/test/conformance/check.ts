import assert from 'node:assert/strict';
import { DescribeInstancesCommand, RunInstancesCommand, type RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { clients } from '../harness.ts';

/** What a check works with: SDK clients of some endpoint, and a way to let time pass there. */
export type Setting = ReturnType<typeof clients> & {
  /** Lets time pass at the endpoint: simulated time at a local AWS, a bounded real wait anywhere else. */
  pass(seconds: number): Promise<void>;
  /** A name that nobody has used at this endpoint. */
  fresh(prefix: string): string;
};

/** One thing that AWS's reference says, as SDK clients see it. */
export type Check = {
  name: string;
  /** The page that says so. */
  page: string;
  run(setting: Setting): Promise<void>;
};

/** Checks of one page of AWS's documentation. */
export const fromPage = (page: string, checks: Record<string, (setting: Setting) => Promise<void>>): Check[] =>
  Object.entries(checks).map(([name, run]) => ({ name, page: `https://docs.aws.amazon.com/${page}`, run }));

/** Asserts that a call is refused with a code, as the client's error is named, and an HTTP status. Some protocols name one error differently. */
export const refused = async (call: Promise<unknown>, code: string | RegExp, status = 400): Promise<void> => {
  const error = await call.then(
    () => assert.fail(`expected ${code}, but the call succeeded`),
    (reason: Error & { $metadata?: { httpStatusCode?: number } }) => reason,
  );
  if (typeof code === 'string') assert.equal(error.name, code, error.message);
  else assert.match(error.name, code, error.message);
  assert.equal(error.$metadata?.httpStatusCode, status);
};

/** Waits until `probe` stops throwing: AWS's answers are eventually consistent. Fails with its last error. */
export const eventually = async <T>({ pass }: Setting, probe: () => Promise<T>, tries = 40): Promise<T> => {
  for (let i = 1; ; i++) {
    try {
      return await probe();
    } catch (error) {
      if (i >= tries) throw error;
      await pass(5);
    }
  }
};

export const describeInstance = async ({ ec2 }: Setting, id: string) => {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const instance = Reservations[0]?.Instances?.[0];
  assert.ok(instance, `no instance ${id}`);
  return instance;
};

export const inState = (setting: Setting, id: string, state: string) =>
  eventually(setting, async () => {
    const instance = await describeInstance(setting, id);
    assert.equal(instance.State?.Name, state);
    return instance;
  });

export const imageId = 'ami-0123456789abcdef0';

/** An instance that runs. */
export const launch = async (setting: Setting, change: Partial<RunInstancesCommandInput> = {}): Promise<string> => {
  const run = new RunInstancesCommand({ ImageId: imageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...change });
  const id = (await setting.ec2.send(run)).Instances?.[0]?.InstanceId ?? '';
  await inState(setting, id, 'running');
  return id;
};
