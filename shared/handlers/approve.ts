import middy from '@middy/core';
import { type ApproveDeps, answerRequest, failed } from '../approval/answer.ts';
import { urlEventSchema } from '../approval/http.ts';

/** A person's yes or no, behind a function URL. Whatever goes wrong ends in a page, never in a stack trace. */
export const createApprove = (deps: ApproveDeps) =>
  middy()
    .onError(async (request) => {
      request.response = failed(request.error, deps);
    })
    .handler(async (event: unknown) => answerRequest(urlEventSchema.parse(event), deps));
