import { gunzipSync } from 'node:zlib';
import { NormalizedSchema } from '@smithy/core/schema';
import type { World } from '../core/world.ts';
import { createdResources } from '../services/cloudtrail/model/created-resources.ts';
import { AwsError } from './protocol/errors.ts';
import type { HttpRequest, HttpResponse } from './protocol/http.ts';
import { readJson, writeJson } from './protocol/json.ts';
import { type Form, parseForm, readForm } from './protocol/query.ts';
import { missingMember } from './protocol/required.ts';
import { matchRest, type RestBody, readRest, restJson, restXml, writeRest } from './protocol/rest.ts';
import type { CallContext, Operation, Protocol, Service } from './protocol/service.ts';
import { escapeXml, writeXml } from './protocol/xml.ts';

/** A call on its way to a service, as faults and throttles see it. */
export type Call = { service: string; operation: string; input: Record<string, unknown>; context: CallContext };

/** What may come between a caller and a service: throttling, injected faults, permissions. */
export type Interceptor = {
  /** Throws an `AwsError` to refuse the call before it takes effect, or `Unanswered` where nothing ever comes of it. */
  before?(call: Call): void;
  /** Throws an `AwsError`, or says `lose` or `empty`, after the call has taken effect: no answer, or one in which there is nothing. */
  after?(call: Call): 'lose' | 'empty' | undefined;
};

/** The call has no effect, and no answer: its caller waits until his patience ends. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/**
 * A service that somebody else implements: the request is handed on as it came, once throttles and faults have let it pass.
 */
export type Backend = Pick<Service, 'signingName' | 'protocols' | 'targetPrefix' | 'xmlNamespace'> & {
  /** The names of those that it carries out. */
  operations: readonly string[];
  forward(request: HttpRequest): Promise<HttpResponse>;
};

/** What a request is signed with and for, and the session token that it comes with. */
export type Credentials = { accessKey: string; token: string | undefined; region: string | undefined; service: string };

/** Whether a service has one endpoint for all regions. */
export const isGlobal = (service: string): boolean => service === 'route53' || service === 'iam';

export type Gateway = { handle(request: HttpRequest): Promise<HttpResponse> };

const maxBody = 8 * 1024 * 1024;

const notServed = 'not served by the local AWS; the COVERAGE.md of @selfheal/local-aws lists what is.';

const bodyText = (request: HttpRequest): string => {
  if (request.body.length > maxBody) throw new AwsError('RequestEntityTooLarge', `The request is larger than ${maxBody} bytes.`, 413);
  if (typeof request.body === 'string') return request.body;
  if (request.headers['content-encoding'] !== 'gzip') return new TextDecoder().decode(request.body);
  try {
    return gunzipSync(request.body, { maxOutputLength: maxBody }).toString('utf8');
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid gzip, or is too large.');
  }
};

/** `AWS4-HMAC-SHA256 Credential=KEY/20261120/us-east-1/ec2/aws4_request, …`: any key is welcome, the scope says which service is meant. */
export const credentialScope = (request: HttpRequest): { accessKey: string; region: string; service: string } | undefined => {
  const presigned = () => `Credential=${new URLSearchParams(request.query).get('X-Amz-Credential') ?? ''}`;
  const signature = request.headers.authorization ?? presigned();
  const match = /Credential=([^/,\s]{1,128})\/\d{8}\/([^/]+)\/([a-z0-9-]+)\/aws4_request/.exec(signature);
  return match ? { accessKey: match[1] as string, region: match[2] as string, service: match[3] as string } : undefined;
};

const tokenOf = ({ headers, query }: HttpRequest): string | undefined =>
  headers['x-amz-security-token'] ??
  (headers.authorization ? undefined : (new URLSearchParams(query).get('X-Amz-Security-Token') ?? undefined));

/** What a backend's request asks for, as far as throttles, faults and the call log want to know. Never throws. */
const peekBackend = (request: HttpRequest, body: string): { name: string; input: Record<string, unknown> } => {
  const target = request.headers['x-amz-target'];
  if (target === undefined) {
    const { Action, Version, ...input } = Object.fromEntries(new URLSearchParams(body || request.query));
    return { name: Action ?? '', input };
  }
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    input = {};
  }
  const isRecord = typeof input === 'object' && input !== null && !Array.isArray(input);
  return { name: target.slice(target.lastIndexOf('.') + 1), input: isRecord ? (input as Record<string, unknown>) : {} };
};

/** A backend's answer in XML with the id that its headers say. What people have sent is escaped there, and never looks like this. */
const withRequestId = (response: HttpResponse, requestId: string): HttpResponse =>
  typeof response.body === 'string' && response.body.startsWith('<')
    ? { ...response, body: response.body.replace(/<RequestId>[^<]*<\/RequestId>/, `<RequestId>${requestId}</RequestId>`) }
    : response;

/** The error code of a backend's refusal, out of its answer; null for a success. */
const backendError = ({ status, body }: HttpResponse): string | null => {
  if (status < 400) return null;
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const code = /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text)?.[1] ?? /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
  return code ?? `HTTP ${status}`;
};

/** What an operation answers that found nothing: every list of it is there, and empty. */
const emptyOutput = ({ schema }: Operation): Record<string, never[]> => {
  const output = NormalizedSchema.of(schema[5]);
  if (!output.isStructSchema()) return {};
  const lists = [...output.structIterator()].filter(([, member]) => member.isListSchema());
  return Object.fromEntries(lists.map(([name]) => [name, []]));
};

/** The same for a backend, whose schemas nobody knows here. */
const emptyFrom = (protocol: Protocol, name: string): HttpResponse =>
  protocol === 'json'
    ? { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' }
    : {
        status: 200,
        headers: { 'content-type': 'text/xml;charset=UTF-8' },
        body: `<${name}Response><${name}Result></${name}Result></${name}Response>`,
      };

/**
 * Answers requests by the service that their signature names. Interceptors see every call before its service does, in their order.
 */
export const createGateway = (
  world: World,
  services: readonly Service[],
  interceptors: readonly Interceptor[] = [],
  backends: readonly Backend[] = [],
  /** Throws an `AwsError` for credentials that are none. */
  authenticate: (credentials: Credentials, protocol: Protocol) => void = () => {},
): Gateway => {
  const bySigningName = new Map<string, Service | Backend>([...services, ...backends].map((service) => [service.signingName, service]));
  const requestIds = world.random.fork('request-ids');

  const findService = (request: HttpRequest, scope: string | undefined): Service | Backend => {
    const target = request.headers['x-amz-target'];
    const targeted = (s: Service | Backend) => s.targetPrefix !== undefined && target?.startsWith(`${s.targetPrefix}.`);
    const service = bySigningName.get(scope ?? '') ?? [...bySigningName.values()].find(targeted);
    if (service) return service;
    if (scope === undefined)
      throw new AwsError(
        target === undefined ? 'MissingAuthenticationToken' : 'MissingAuthenticationTokenException',
        'Request is missing Authentication Token: without a signature, nothing says which service it is for.',
        403,
      );
    throw new AwsError(
      target === undefined ? 'InvalidAction' : 'UnknownOperationException',
      `The service ${scope.slice(0, 64)} is ${notServed}`,
    );
  };

  const protocolOf = (service: Service | Backend, request: HttpRequest): Protocol => {
    const json = request.headers['x-amz-target'] !== undefined;
    return service.protocols.find((p) => (json ? p === 'json' : p !== 'json')) ?? (service.protocols[0] as Protocol);
  };

  /** With the code that the service has for an action that there isn't, and the reason why there may be one all the same. */
  const unserved = (code: string, name: string, status?: number) =>
    new AwsError(code, `The action ${name.slice(0, 128)} is ${notServed}`, ...(status ? [status] : []));

  const restBody = ({ xmlNamespace = '' }: Service, protocol: Protocol): RestBody | undefined => {
    if (protocol === 'rest-json') return restJson;
    return protocol === 'rest-xml' ? restXml(xmlNamespace) : undefined;
  };

  const read = (service: Service, protocol: Protocol, request: HttpRequest, body: string) => {
    const rest = restBody(service, protocol);
    if (rest) {
      const match = matchRest(service.operations, request);
      if (!match) throw unserved('UnknownOperationException', `${request.method} ${request.path}`, 404);
      const { name, operation, labels } = match;
      return { name, operation, input: readRest(rest, operation.schema[4], request, labels, body) };
    }
    const target = request.headers['x-amz-target'] ?? '';
    const form: Form | undefined =
      protocol === 'json' ? undefined : parseForm(request.method === 'GET' ? request.query : body || request.query);
    const name = form ? form.action : target.slice(target.lastIndexOf('.') + 1);
    if (!name) throw new AwsError(form ? 'MissingAction' : 'UnknownOperationException', 'The request names no action.');
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    if (!operation) throw unserved(form ? 'InvalidAction' : 'UnknownOperationException', name);
    const inputSchema = operation.schema[4];
    const input = form ? readForm(inputSchema, form, protocol === 'ec2-query') : readJson(inputSchema, body);
    return { name, operation, input };
  };

  const answer = (
    protocol: Protocol,
    name: string,
    operation: Operation,
    output: unknown,
    context: CallContext,
    service: Service,
  ): HttpResponse => {
    const outputSchema = operation.schema[5];
    const rest = restBody(service, protocol);
    if (rest) return writeRest(rest, operation, output);
    if (protocol === 'json')
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: writeJson(outputSchema, output) };
    const xml = writeXml(outputSchema, output);
    const open = `<${name}Response${service.xmlNamespace ? ` xmlns="${service.xmlNamespace}"` : ''}>`;
    const unit = NormalizedSchema.of(outputSchema).isUnitSchema();
    const body =
      protocol === 'ec2-query'
        ? `${open}<requestId>${context.requestId}</requestId>${unit ? '<return>true</return>' : xml}</${name}Response>`
        : `${open}<${name}Result>${xml}</${name}Result><ResponseMetadata><RequestId>${context.requestId}</RequestId></ResponseMetadata></${name}Response>`;
    return { status: 200, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
  };

  const refuse = (protocol: Protocol, error: AwsError, requestId: string, service: Service | Backend | undefined): HttpResponse => {
    const { code, message, status, fault } = error;
    if (protocol === 'json' || protocol === 'rest-json') {
      const contentType = protocol === 'json' ? 'application/x-amz-json-1.1' : 'application/json';
      const headers: Record<string, string> = { 'content-type': contentType, 'x-amzn-errortype': code };
      if (service?.protocols.includes('query')) headers['x-amzn-query-error'] = `${code};${fault}`;
      return {
        status,
        headers,
        body: JSON.stringify({ __type: code, Type: fault === 'Sender' ? 'User' : 'Service', message, Message: message }),
      };
    }
    const said = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
    const body =
      protocol === 'ec2-query'
        ? `<Response><Errors><Error>${said}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
        : `<ErrorResponse${service?.xmlNamespace ? ` xmlns="${service.xmlNamespace}"` : ''}><Error><Type>${fault}</Type>${said}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
  };

  const asAwsError = (error: unknown): AwsError =>
    error instanceof AwsError
      ? error
      : new AwsError('InternalError', `The local AWS failed: ${error instanceof Error ? error.message : String(error)}`, 500);

  return {
    handle: async (request) => {
      const requestId = requestIds.uuid();
      const scope = credentialScope(request);
      let protocol: Protocol = request.headers['x-amz-target'] === undefined ? 'query' : 'json';
      let service: Service | Backend | undefined;
      let call: Call | undefined;
      let made: readonly string[] = [];
      const log = (error: string | null, answerLost = false) => {
        if (!call) return;
        const { service: name, operation, input, context } = call;
        const { accessKey, userAgent } = context;
        const record = { at: context.now, requestId, service: name, operation, input, error, accessKey, userAgent, answerLost };
        world.calls.push(made.length > 0 ? { ...record, made } : record);
      };
      const finish = (response: HttpResponse): HttpResponse => {
        response.headers['x-amzn-requestid'] = requestId;
        return response;
      };
      try {
        const body = bodyText(request);
        service = findService(request, scope?.service);
        protocol = protocolOf(service, request);
        const context: CallContext = {
          now: world.clock.now(),
          requestId,
          account: world.account,
          region: world.region,
          accessKey: scope?.accessKey ?? 'anonymous',
          userAgent: request.headers['user-agent'] ?? '',
        };
        let respond: () => Promise<HttpResponse>;
        let nothing: () => HttpResponse;
        if ('forward' in service) {
          const { forward, signingName, operations } = service;
          const { name, input } = peekBackend(request, body);
          if (name !== '' && !operations.includes(name))
            throw unserved(protocol === 'json' ? 'UnknownOperationException' : 'InvalidAction', name);
          call = { service: signingName, operation: name, input, context };
          respond = async () => withRequestId(await forward({ ...request, body }), requestId);
          nothing = () => emptyFrom(protocol, name);
        } else {
          const { name, operation, input } = read(service, protocol, request, body);
          call = { service: service.signingName, operation: name, input, context };
          const missing = missingMember(operation.schema[4], input);
          if (missing)
            throw new AwsError(service.missingParameter ?? 'ValidationError', `The request must contain the parameter ${missing}`);
          const ours = service;
          respond = async () => {
            const output: unknown = await operation.run(input, context);
            made = createdResources(ours.signingName, name, output);
            return answer(protocol, name, operation, output, context, ours);
          };
          nothing = () => answer(protocol, name, operation, emptyOutput(operation), context, ours);
        }
        authenticate({ accessKey: context.accessKey, token: tokenOf(request), region: scope?.region, service: call.service }, protocol);
        for (const interceptor of interceptors) interceptor.before?.(call);
        const response = await respond();
        const refusal = 'forward' in service ? backendError(response) : null;
        for (const interceptor of refusal === null ? interceptors : []) {
          const meddled = interceptor.after?.(call);
          if (meddled === undefined) continue;
          log(null, meddled === 'lose');
          return finish(meddled === 'empty' ? nothing() : { status: 500, headers: {}, body: '', lost: true });
        }
        log(refusal);
        return finish(response);
      } catch (error) {
        if (error instanceof Unanswered) {
          log('TimeoutError');
          return finish({ status: 504, headers: {}, body: '', hangs: true });
        }
        const refusal = asAwsError(error);
        log(refusal.code);
        return finish(refuse(protocol, refusal, requestId, service));
      }
    },
  };
};
