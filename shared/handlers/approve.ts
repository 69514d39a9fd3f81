import middy from '@middy/core';
import { type ApproveDeps, answerRequest, failed } from '../approvals/answer.ts';
import { urlEventSchema } from '../approvals/http.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';

/** Serves the approval page behind a function URL. Every error ends in a page, never in a stack trace. */
export const createApprove = ({ bounded = unbounded, ...deps }: ApproveDeps & { bounded?: Bounded }) =>
  middy()
    .onError(async (request) => {
      request.response = failed(request.error, deps);
    })
    .handler(async (event: unknown) => bounded(() => answerRequest(urlEventSchema.parse(event), deps)));
